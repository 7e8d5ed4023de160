"""Person details, contact details, communication needs and relationships as FHIR resources."""

from schemas.fhir_mapping.elements import (
    PERSON,
    RELATIONSHIP,
    Resource,
    address_element,
    address_from_element,
    extension,
    extension_value,
    extension_values,
    period_element,
    period_from_element,
    person_from_reference,
    person_reference,
    status_extensions,
    status_from,
    telecom_element,
    telecoms_from,
    without_empty,
)
from schemas.identifiers import PersonId
from schemas.records.payloads import (
    CommunicationNeeds,
    ContactDetails,
    PersonDetails,
    Relationship,
    RelationshipKind,
)

_SAID_BY = "said-by-agency"
_GENDERS = {"male", "female", "other", "unknown"}


def patient_from_details(details: PersonDetails, persons: tuple[PersonId, ...]) -> Resource:
    """A Patient with name, birth and death."""
    name = without_empty(
        use="temp" if details.placeholder_name else "official",
        family=details.family_name,
        given=list(details.given_names),
    )
    known_as = without_empty(use="nickname", text=details.known_as, family=details.known_as_family)
    former = [{"use": "old", "text": name} for name in details.former_names]
    has_known_as = len(known_as) > 1
    return _patient(persons) | without_empty(
        name=([name] if len(name) > 1 or details.placeholder_name else [])
        + ([known_as] if has_known_as else [])
        + former,
        birthDate=details.date_of_birth,
        gender=details.sex if details.sex in _GENDERS else None,
        deceasedDateTime=details.died,
        deceasedBoolean=details.has_died if details.died is None else None,
        multipleBirthInteger=details.multiple_birth_order,
        extension=_said_of_details(details),
    )


def details_from_patient(patient: Resource) -> PersonDetails:
    """Back from patient_from_details."""
    names = {name["use"]: name for name in patient.get("name", [])}
    name = names.get("official") or names.get("temp") or {}
    return PersonDetails(
        family_name=name.get("family"),
        given_names=tuple(name.get("given", [])),
        known_as=names.get("nickname", {}).get("text"),
        known_as_family=names.get("nickname", {}).get("family"),
        date_of_birth=patient.get("birthDate"),
        sex=patient.get("gender"),
        expected_date_of_birth=extension_value(patient, "expected-date-of-birth"),
        died=patient.get("deceasedDateTime"),
        has_died=patient.get("deceasedBoolean"),
        death_contradicted=extension_value(patient, "death-contradicted") or False,
        multiple_birth_order=patient.get("multipleBirthInteger"),
        placeholder_name="temp" in names,
        former_names=tuple(n["text"] for n in patient.get("name", []) if n["use"] == "old"),
        is_verified=extension_value(patient, "details-verified") or False,
    )


def patient_from_contact(contact: ContactDetails, persons: tuple[PersonId, ...]) -> Resource:
    """A Patient with addresses and telecoms only."""
    return _patient(persons) | without_empty(
        address=[address_element(a) for a in contact.addresses],
        telecom=[telecom_element(t) for t in contact.telecoms],
        extension=[extension(_SAID_BY, kind="String", value=contact.said_by)]
        if contact.said_by
        else [],
    )


def contact_from_patient(patient: Resource) -> ContactDetails:
    """Back from patient_from_contact."""
    return ContactDetails(
        tuple(address_from_element(a) for a in patient.get("address", [])),
        telecoms_from(patient),
        extension_value(patient, _SAID_BY),
    )


def patient_from_communication(
    needs: CommunicationNeeds, persons: tuple[PersonId, ...]
) -> Resource:
    """A Patient with languages; interpreter and other needs as extensions."""
    wanted = [extension("communication-need", kind="String", value=n) for n in needs.needs]
    if needs.interpreter_needed is not None:
        wanted.append(
            extension("interpreter-needed", kind="Boolean", value=needs.interpreter_needed)
        )
    if needs.whose is not None:
        wanted.append(extension("communication-whose", kind="String", value=needs.whose))
    return _patient(persons) | without_empty(
        communication=[{"language": {"text": language}} for language in needs.languages],
        extension=wanted,
    )


def communication_from_patient(patient: Resource) -> CommunicationNeeds:
    """Back from patient_from_communication."""
    return CommunicationNeeds(
        tuple(c["language"]["text"] for c in patient.get("communication", [])),
        extension_value(patient, "interpreter-needed"),
        tuple(extension_values(patient, "communication-need")),
        extension_value(patient, "communication-whose"),
    )


def related_person_from_relationship(
    relationship: Relationship, persons: tuple[PersonId, ...]
) -> Resource:
    """A RelatedPerson: the patient is the child; the other is referenced where known."""
    flags = {
        "has-responsibility": relationship.has_responsibility,
        "same-household": relationship.same_household,
    }
    said = [
        extension(name, kind="Boolean", value=value)
        for name, value in flags.items()
        if value is not None
    ]
    if relationship.contact_order is not None:
        said.append(extension("contact-order", kind="Integer", value=relationship.contact_order))
    if len(persons) > 1:
        said.append(
            extension("related-person", kind="Reference", value=person_reference(persons[1]))
        )
    if relationship.has_died:
        said.append(extension("has-died", kind="Boolean", value=True))
    said += status_extensions(relationship.status)
    return without_empty(
        resourceType="RelatedPerson",
        patient=person_reference(persons[0]),
        relationship=[{"coding": [{"system": RELATIONSHIP, "code": relationship.kind.value}]}],
        name=[{"text": relationship.name}] if relationship.name else [],
        telecom=[telecom_element(t) for t in relationship.telecoms],
        address=[address_element(a) for a in relationship.addresses],
        period=period_element(relationship.period),
        communication=[{"language": {"text": lang}} for lang in relationship.languages],
        extension=said,
    )


def relationship_from_related_person(resource: Resource) -> Relationship:
    """Back from related_person_from_relationship."""
    return Relationship(
        kind=RelationshipKind(resource["relationship"][0]["coding"][0]["code"]),
        name=next((n["text"] for n in resource.get("name", [])), None),
        telecoms=telecoms_from(resource),
        has_responsibility=extension_value(resource, "has-responsibility"),
        same_household=extension_value(resource, "same-household"),
        contact_order=extension_value(resource, "contact-order"),
        languages=tuple(c["language"]["text"] for c in resource.get("communication", [])),
        period=period_from_element(resource.get("period")),
        addresses=tuple(address_from_element(a) for a in resource.get("address", [])),
        status=status_from(resource),
        has_died=extension_value(resource, "has-died") is True,
    )


def persons_of_patient(patient: Resource) -> tuple[PersonId, ...]:
    """The person a Patient is."""
    return tuple(PersonId(i["value"]) for i in patient["identifier"] if i["system"] == PERSON)


def persons_of_related_person(resource: Resource) -> tuple[PersonId, ...]:
    """The child, and the other where known."""
    child = person_from_reference(resource["patient"])
    other = extension_value(resource, "related-person")
    return (child,) if other is None else (child, person_from_reference(other))


def _said_of_details(details: PersonDetails) -> list[Resource]:
    said = []
    if details.expected_date_of_birth:
        expected = details.expected_date_of_birth
        said.append(extension("expected-date-of-birth", kind="Date", value=expected))
    if details.is_verified:
        said.append(extension("details-verified", kind="Boolean", value=True))
    if details.death_contradicted:
        said.append(extension("death-contradicted", kind="Boolean", value=True))
    return said


def _patient(persons: tuple[PersonId, ...]) -> Resource:
    return {
        "resourceType": "Patient",
        "identifier": [{"system": PERSON, "value": person} for person in persons],
    }
