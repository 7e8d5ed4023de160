"""The persons of a profile, who is related to whom and who lives together, as FHIR resources.

What several sources say of one person stands side by side in one Patient; each part says in
extensions of its own which source said it, and as of when.
"""

from collections.abc import Iterable

from schemas.fhir_mapping.elements import (
    LABEL,
    SOURCE,
    Resource,
    address_element,
    extension,
    person_reference,
    telecom_element,
    without_empty,
)
from schemas.fhir_mapping.people import (
    patient_from_communication,
    patient_from_details,
    related_person_from_relationship,
)
from schemas.records.payloads import PersonDetails, Relationship
from schemas.vocabulary import Label
from services.profile.merging.claims import Claim, NameClaim, Provenance
from services.profile.model import (
    CommunicationView,
    DeathSaid,
    DeathStanding,
    DeathView,
    HouseholdMember,
    HouseholdView,
    PersonView,
    Profile,
    RelativeView,
)

_HOUSEHOLD = "household"


def patients(profile: Profile) -> Iterable[tuple[Resource, list[Provenance]]]:
    """Every person as a Patient, with everybody who says something in it."""
    for person in profile.people:
        told = (*profile.communication, *profile.communication_of_others)
        spoken = [view for view in told if view.person == person.id]
        yield _patient(person, spoken), _sayers(person, spoken)


def related_person(relative: RelativeView, profile: Profile) -> Resource:
    """What one source says of somebody related to the child."""
    persons = (profile.child,) if relative.person is None else (profile.child, relative.person)
    said = Relationship(
        kind=relative.kind,
        name=relative.name,
        telecoms=relative.telecoms,
        has_responsibility=relative.has_responsibility,
        same_household=relative.same_household,
        languages=relative.languages,
        period=relative.period,
        addresses=relative.addresses,
        status=relative.status,
        has_died=relative.has_died,
    )
    return related_person_from_relationship(said, persons) | {"active": relative.is_current}


def household(view: HouseholdView) -> Resource:
    """A Group of who lives under one roof, with where that is."""
    place = [] if view.address is None else [_place(view)]
    return without_empty(
        resourceType="Group",
        type="person",
        actual=True,
        code={"text": _HOUSEHOLD},
        name=view.use,
        member=[{"entity": _member(member)} for member in view.members],
        extension=place,
    )


def said_by(provenances: Iterable[Provenance]) -> list[Resource]:
    """Extensions that name who said a part of a resource, the one for whom it stands first."""
    return [
        {
            "url": "urn:tell-once:extension:said-by",
            "extension": [
                extension("source", kind="Uri", value=f"{SOURCE}{provenance.source.value}"),
                extension("as-of", kind="String", value=provenance.as_of),
            ],
        }
        for provenance in provenances
    ]


def _patient(person: PersonView, spoken: Iterable[CommunicationView]) -> Resource:
    patient = patient_from_details(_facts(person), (person.id,))
    extensions = patient.pop("extension", [])
    for view in spoken:
        said = patient_from_communication(view.needs, (person.id,))
        if view.needs.whose is not None:
            extensions.append(_of_another(said))
            continue
        languages = patient.setdefault("communication", [])
        languages += [x for x in said.get("communication", []) if x not in languages]
        extensions += said.get("extension", [])
    marks = [{"system": LABEL, "code": Label.PROTECTED_LOCATION.value}]
    return patient | without_empty(
        name=[name for claim in person.names for name in _names(claim)],
        address=[
            _said(address_element(c.address), (c.provenance, *c.also)) for c in person.addresses
        ],
        telecom=[
            _said(telecom_element(c.telecom), (c.provenance, *c.also)) for c in person.telecoms
        ],
        communication=patient.get("communication", []),
        extension=[*extensions, *_other_dates(person), *_deaths(person.death)],
        meta={"security": marks} if person.location_protected else None,
    )


def _of_another(said: Resource) -> Resource:
    """What somebody around the person needs, so that it is not read as the person's own."""
    languages = [
        extension("language", kind="String", value=spoken["language"]["text"])
        for spoken in said.get("communication", [])
    ]
    return {
        "url": "urn:tell-once:extension:communication-of-another",
        "extension": [*languages, *said.get("extension", [])],
    }


def _facts(person: PersonView) -> PersonDetails:
    """What has one place in a Patient; names have several.

    Who is only reported to have died is marked as that beside it: nobody is to write to them.
    """
    death = person.death
    return PersonDetails(
        date_of_birth=person.date_of_birth,
        sex=person.sex,
        expected_date_of_birth=person.expected_date_of_birth,
        died=None if death is None else death.on,
        has_died=None if death is None or death.on else True,
        death_contradicted=death is not None and death.standing is not DeathStanding.DIED,
    )


def _names(claim: NameClaim) -> list[Resource]:
    details = PersonDetails(
        family_name=claim.family_name,
        given_names=claim.given_names,
        known_as=claim.known_as,
        known_as_family=claim.known_as_family,
        former_names=claim.former_names,
        placeholder_name=claim.is_placeholder,
    )
    written = patient_from_details(details, ()).get("name", [])
    return [_said(name, (claim.provenance, *claim.also)) for name in written]


def _other_dates(person: PersonView) -> list[Resource]:
    """Where sources differ on the date of birth, each of them."""
    if len(person.dates_of_birth) < 2:  # noqa: PLR2004 two differ
        return []
    return [
        {
            "url": "urn:tell-once:extension:date-of-birth-stated",
            "extension": [
                extension("value", kind="Date", value=claim.value),
                *said_by((claim.provenance, *claim.also)),
            ],
        }
        for claim in person.dates_of_birth
    ]


def _deaths(death: DeathView | None) -> list[Resource]:
    """What each source says of a death, as an extension of its own."""
    return [
        {
            "url": "urn:tell-once:extension:death-stated",
            "extension": [
                extension("has-died", kind="Boolean", value=claim.value.has_died),
                *_on(claim.value),
                *said_by((claim.provenance, *claim.also)),
            ],
        }
        for claim in _said_of_death(death)
    ]


def _said_of_death(death: DeathView | None) -> tuple[Claim[DeathSaid], ...]:
    return () if death is None else death.said


def _on(said: DeathSaid) -> list[Resource]:
    return [] if said.on is None else [extension("value", kind="DateTime", value=said.on)]


def _sayers(person: PersonView, spoken: Iterable[CommunicationView]) -> list[Provenance]:
    """Everybody who says something of the person, each source once as of its latest."""
    said = [
        *(p for c in person.names for p in (c.provenance, *c.also)),
        *(p for c in person.addresses for p in (c.provenance, *c.also)),
        *(p for c in person.telecoms for p in (c.provenance, *c.also)),
        *(p for c in person.dates_of_birth for p in (c.provenance, *c.also)),
        *(p for c in _said_of_death(person.death) for p in (c.provenance, *c.also)),
        *(view.provenance for view in spoken),
    ]
    latest: dict[str, Provenance] = {}
    for provenance in said:
        known = latest.get(provenance.source)
        if known is None or provenance.as_of > known.as_of:
            latest[provenance.source] = provenance
    return [latest[source] for source in sorted(latest)]


def _said(element: Resource, provenances: Iterable[Provenance]) -> Resource:
    return element | {"extension": [*element.get("extension", []), *said_by(provenances)]}


def _member(member: HouseholdMember) -> Resource:
    who = {} if member.person is None else person_reference(member.person)
    return who | without_empty(
        display=member.name or (None if member.person else "not named"),
        extension=said_by(member.provenances),
    )


def _place(view: HouseholdView) -> Resource:
    value = address_element(view.address) if view.address is not None else {}
    return extension("household-address", kind="Address", value=value)
