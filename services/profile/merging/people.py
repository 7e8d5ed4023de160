"""Each person of the family, field by field: every claim with the sources that make it. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from schemas.identifiers import PersonId
from schemas.records.payloads import (
    Address,
    ContactDetails,
    PersonDetails,
    RelationshipKind,
    Telecom,
)
from schemas.records.published import PublishedRecord
from services.profile.merging.claims import (
    Claim,
    InOrder,
    NameClaim,
    Statement,
    claims_of,
    latest_first,
    provenance_of,
)
from services.profile.merging.deaths import death_of
from services.profile.merging.family import relations_to
from services.profile.merging.whereabouts import addresses_of, same_name, telecoms_of
from services.profile.model import PersonView

_UNKNOWN_SEX = "unknown"


def people(
    records: Sequence[PublishedRecord],
    child: PersonId,
    protected: Collection[PersonId],
    today: str,
    besides: Iterable[PersonId] = (),
) -> tuple[PersonView, ...]:
    """The child first, then everyone else of whom anything is permitted, youngest first.

    Who is not born yet is the youngest; of whom no date is known comes last. `besides` are those
    of whom more is permitted than these records.
    """
    relations = relations_to(child, records)
    of_person: dict[PersonId, list[PublishedRecord]] = {p: [] for p in (child, *besides)}
    for record in latest_first(records):
        of_person.setdefault(record.persons[0], []).append(record)
    views = [
        _person(person, relations, own, today, protected=person in protected)
        for person, own in sorted(of_person.items())
    ]
    views.sort(key=lambda v: v.date_of_birth or v.expected_date_of_birth or "", reverse=True)
    return tuple(sorted(views, key=lambda view: view.id != child))


def _person(
    person: PersonId,
    relations: Mapping[PersonId, RelationshipKind | None],
    own: Iterable[PublishedRecord],
    today: str,
    *,
    protected: bool,
) -> PersonView:
    records = InOrder(own)
    details = [
        Statement(said, provenance_of(record), said.is_verified)
        for record, said in records.of(PersonDetails)
    ]
    contacts = [
        Statement(said, provenance_of(record)) for record, said in records.of(ContactDetails)
    ]
    names = _names(details)
    born = _field(details, lambda said: said.date_of_birth)
    expected = _field(details, lambda said: said.expected_date_of_birth)
    sexes = _field(details, lambda said: said.sex)
    death = death_of(details, (claim.value for claim in born), today)
    known_sexes = tuple(claim for claim in sexes if claim.value != _UNKNOWN_SEX)
    return PersonView(
        id=person,
        relation=relations.get(person, RelationshipKind.OTHER),
        names=names,
        date_of_birth=_first(born),
        sex=_first(known_sexes or sexes),
        expected_date_of_birth=_first(expected),
        died=None if death is None else death.on,
        placeholder_name=bool(names) and all(name.is_placeholder for name in names),
        addresses=addresses_of(_addresses(contacts), today),
        telecoms=telecoms_of(_telecoms(contacts), today),
        location_protected=protected,
        dates_of_birth=born,
        sexes=known_sexes or sexes,
        expected_dates_of_birth=expected,
        dates_of_death=_field(details, lambda said: said.died),
        death=death,
    )


def _field(
    details: Iterable[Statement[PersonDetails]], of: Callable[[PersonDetails], str | None]
) -> tuple[Claim[str], ...]:
    """One field as each source states it; who does not state it makes no claim."""
    return claims_of(
        Statement(value, said.provenance, said.is_verified)
        for said in details
        if (value := of(said.value))
    )


def _names(details: Iterable[Statement[PersonDetails]]) -> tuple[NameClaim, ...]:
    """The names; one that only stands in for a name comes after every name."""
    named = [d for d in details if _names_somebody(d.value)]
    claims = [
        NameClaim(
            claim.value.family_name,
            claim.value.given_names,
            claim.value.known_as,
            claim.provenance,
            claim.value.known_as_family,
            claim.value.former_names,
            claim.also,
            claim.is_verified,
            claim.value.placeholder_name,
        )
        for claim in claims_of(named, alike=same_name)
    ]
    return tuple(sorted(claims, key=lambda claim: claim.is_placeholder))


def _names_somebody(said: PersonDetails) -> bool:
    return bool(said.family_name or said.given_names or said.known_as or said.former_names)


def _addresses(
    contacts: Iterable[Statement[ContactDetails]],
) -> Iterator[Statement[Address]]:
    for said in contacts:
        for address in said.value.addresses:
            yield Statement(address, said.provenance)


def _telecoms(contacts: Iterable[Statement[ContactDetails]]) -> Iterator[Statement[Telecom]]:
    for said in contacts:
        for telecom in said.value.telecoms:
            yield Statement(telecom, said.provenance)


def _first(claims: Sequence[Claim[str]]) -> str | None:
    return claims[0].value if claims else None
