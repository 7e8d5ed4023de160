"""Messages of child health services: encounters, people around the child, legal status."""

from dataclasses import dataclass

from tests.support.messages.nems import (
    ODS_CODE,
    AHeader,
    APerson,
    Part,
    concept,
    identifier,
    maybe,
    message,
    part,
    reference,
    resource,
)
from tests.support.messages.nems_resources import SUPPLIER, organisation, patient, practitioner

ENCOUNTER_TYPE = "https://fhir.nhs.uk/STU3/CodeSystem/DCH-ChildHealthEncounterType-1"
ROLE_CODE = "http://hl7.org/fhir/v3/RoleCode"
DCH = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-DCH-"


@dataclass(frozen=True)
class AnEncounter:
    """When a health visitor met the person, and what that was called."""

    number: str = "encounter-1"
    code: str = "101"
    words: str | None = "New birth visit"
    on: str | None = "2024-03-15"
    status: str = "finished"


@dataclass(frozen=True)
class ARelative:
    """Somebody around the child; the flags are sent only where they are given."""

    name: str = "Rowan Marlow"
    code: str | None = "NMTH"
    words: str | None = None
    telephone: str | None = None
    responsibility: bool | None = None
    household: bool | None = None
    postcode: str | None = None
    start: str | None = None
    end: str | None = None


@dataclass(frozen=True)
class AStatus:
    """A legal status with its dates; the authority may be left out."""

    code: str = "764841000000100"
    words: str = "Looked after child"
    start: str | None = "2025-06-01"
    end: str | None = None
    status: str = "final"


@dataclass(frozen=True)
class AnAuthority:
    """A local authority and its telephone numbers."""

    name: str = "Northfield Council"
    telephone: str | None = "01632 960200"
    emergency: str | None = "01632 960299"


def encounter_message(
    person: APerson | None, header: AHeader, encounter: AnEncounter, *entries: tuple[str, Part]
) -> bytes:
    """A message focused on an encounter, with whatever else is given."""
    person = person or APerson()
    return message(
        header,
        person,
        "encounter",
        organisation(),
        patient(person),
        _encounter(encounter, person),
        practitioner(),
        *entries,
    )


def related(relative: ARelative, key: str = "relative") -> tuple[str, Part]:
    """A RelatedPerson with Digital Child Health's extensions."""
    given, _, family = relative.name.rpartition(" ")
    kind = None
    if relative.code is not None:
        kind = concept("relationship", relative.code, relative.words, ROLE_CODE)
    return resource(
        "RelatedPerson",
        key,
        _flag("HouseholdMember-1", stated=relative.household, within="householdMember"),
        _flag("ParentalResponsibility-1", stated=relative.responsibility),
        reference("patient", "patient"),
        kind,
        part("name", part("family", value=family), part("given", value=given)),
        _telecom(relative.telephone),
        None
        if relative.postcode is None
        else part("address", maybe("postalCode", relative.postcode)),
        part("period", maybe("start", relative.start), maybe("end", relative.end))
        if relative.start or relative.end
        else None,
    )


def legal_status(
    stated: AStatus, authority: AnAuthority | None, key: str = "status"
) -> list[tuple[str, Part]]:
    """A legal status, and the authority that it names."""
    period = part("effectivePeriod", maybe("start", stated.start), maybe("end", stated.end))
    observation = resource(
        "Observation",
        key,
        identifier(f"{SUPPLIER}/legal", key),
        part("status", value=stated.status),
        concept("code", stated.code, stated.words),
        reference("subject", "patient"),
        period,
        reference("performer", f"{key}-authority") if authority else None,
    )
    return [observation] if authority is None else [observation, _authority(authority, key)]


def _encounter(encounter: AnEncounter, person: APerson) -> tuple[str, Part]:
    return resource(
        "Encounter",
        "encounter",
        identifier(f"{SUPPLIER}/encounter", encounter.number),
        part("status", value=encounter.status),
        concept("type", encounter.code, encounter.words, ENCOUNTER_TYPE),
        reference("subject", person.key),
        part("participant", reference("individual", "practitioner")),
        None if encounter.on is None else part("period", part("start", value=encounter.on)),
        reference("serviceProvider", "organisation"),
    )


def _flag(name: str, *, stated: bool | None, within: str | None = None) -> Part | None:
    if stated is None:
        return None
    flag = part("valueBoolean", value=str(stated).lower())
    return part(
        "extension",
        flag if within is None else part("extension", flag, url=within),
        url=f"{DCH}{name}",
    )


def _authority(authority: AnAuthority, key: str) -> tuple[str, Part]:
    emergency = (
        None
        if authority.emergency is None
        else part(
            "contact",
            part("purpose", part("text", value="Emergency Duty Team phone number")),
            _telecom(authority.emergency),
        )
    )
    return resource(
        "Organization",
        f"{key}-authority",
        identifier(ODS_CODE, "999"),
        part("name", value=authority.name),
        _telecom(authority.telephone),
        emergency,
    )


def _telecom(number: str | None) -> Part | None:
    if number is None:
        return None
    return part("telecom", part("system", value="phone"), part("value", value=number))
