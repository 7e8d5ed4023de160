"""Messages of the Personal Demographics Service: births, address, practice, death, change."""

from dataclasses import replace

from tests.support.messages.nems import (
    AHeader,
    APerson,
    Part,
    concept,
    message,
    part,
    reference,
    resource,
)
from tests.support.messages.nems_resources import organisation, patient

CATEGORY = "https://fhir.nhs.uk/STU3/CodeSystem/BirthEpisodeCategory-1"


def communication(subject: str) -> tuple[str, Part]:
    """The Communication that PDS messages focus on."""
    return resource(
        "Communication",
        "communication",
        part("status", value="completed"),
        reference("subject", subject),
    )


_BIRTHS = "382341000000101"
"""How many were born, which is said of the mother."""


def birth_notification(
    baby: APerson,
    mother: APerson | None,
    header: AHeader | None = None,
    *,
    weight: str = "3410",
    gestation: str = "39.0",
    births: str = "1",
    indicator: tuple[str, str] = ("1", "Live"),
    relationship: str = "NMTH",
    place: str = "Northfield General Hospital",
) -> bytes:
    """A pds-birth-notification-1 message, routed by the mother where there is one."""
    header = header or AHeader(event="pds-birth-notification-1")
    baby = replace(baby, key="baby")
    people = [patient(baby)]
    routed = baby
    if mother is not None:
        routed = replace(mother, key="mother", mother_link="relation")
        people.append(patient(routed))
        people.append(_relation(relationship))
    delivery = resource(
        "EpisodeOfCare",
        "delivery",
        part("status", value="active"),
        concept("type", "delivery-place", "Delivery Place", system=CATEGORY),
        reference("patient", "baby"),
        reference("managingOrganization", "hospital"),
    )
    return message(
        header,
        routed,
        "communication",
        communication(routed.key),
        *people,
        delivery,
        organisation("hospital", code="X9M02", name=place),
        organisation(code="X9M02", name=place),
        _measure("weight", "364589006", "Birth weight", weight, unit="gram"),
        _measure("gestation", "412726003", "Length of gestation at birth", gestation, unit="week"),
        _measure("births", _BIRTHS, "Registerable births at delivery", births, whose=routed.key),
        _indicator(indicator),
    )


def change_of_address(
    person: APerson, header: AHeader | None = None, *, old_postcode: str = "NF9 9ZZ"
) -> bytes:
    """A pds-change-of-address-1 message with the old address and the new one."""
    header = header or AHeader(event="pds-change-of-address-1")
    key, moved = patient(person)
    old = part(
        "address",
        part("use", value="old"),
        part("line", value="9 Former Street"),
        part("postalCode", value=old_postcode),
        part("period", part("end", value="2026-08-31")),
    )
    moved.insert(list(moved).index(moved.find("{*}address")), old)
    return message(
        header,
        person,
        "communication",
        communication(person.key),
        (key, moved),
        organisation(code="X26", name="NHS England"),
    )


def change_of_gp(
    person: APerson,
    header: AHeader | None = None,
    *,
    now: tuple[str, str] | None = ("Y99901", "Larkhill Surgery"),
    before: tuple[str, str] | None = ("Y99902", "Old Mill Practice"),
) -> bytes:
    """A pds-change-of-gp-1 message: the practice now, and the one before with its end."""
    header = header or AHeader(event="pds-change-of-gp-1")
    entries = [communication(person.key), patient(replace(person, gp="gp-now" if now else None))]
    if now is not None:
        entries.append(organisation("gp-now", code=now[0], name=now[1], telephone="01632 960140"))
    if before is not None:
        entries.append(organisation("gp-before", code=before[0], name=before[1]))
        entries.append(_finished_registration(person.key))
    entries.append(organisation(code="X26", name="NHS England"))
    return message(header, person, "communication", *entries)


def death_notification(person: APerson, header: AHeader | None = None) -> bytes:
    """A pds-death-notification-1 message; `died` and `death_status` are the person's."""
    header = header or AHeader(event="pds-death-notification-1")
    return message(
        header,
        person,
        "communication",
        communication(person.key),
        patient(person),
        organisation(code="X26", name="NHS England"),
    )


def record_change(person: APerson, header: AHeader | None = None) -> bytes:
    """A pds-record-change-1 message, without lastUpdated as its publisher sends it."""
    header = header or AHeader(event="pds-record-change-1", updated=None)
    sender = organisation(code="X26", name="NHS England")
    return message(header, person, person.key, patient(person), sender)


def _relation(code: str) -> tuple[str, Part]:
    return resource(
        "RelatedPerson",
        "relation",
        reference("patient", "baby"),
        concept("relationship", code, system="http://hl7.org/fhir/v3/RoleCode"),
    )


def _measure(
    key: str, code: str, what: str, amount: str, *, unit: str | None = None, whose: str = "baby"
) -> tuple[str, Part]:
    quantity = part("valueQuantity", part("value", value=amount))
    if unit is not None:
        quantity.append(part("unit", value=unit))
    return resource(
        "Observation",
        key,
        part("status", value="final"),
        concept("code", code, what),
        reference("subject", whose),
        quantity,
    )


def _indicator(indicator: tuple[str, str]) -> tuple[str, Part]:
    return resource(
        "Observation",
        "stillbirth",
        part("status", value="final"),
        concept("code", "237364002", "Stillbirth"),
        reference("subject", "baby"),
        concept("valueCodeableConcept", *indicator, system="EMS-PDS-StillBornIndicator-1"),
    )


def _finished_registration(patient_key: str) -> tuple[str, Part]:
    return resource(
        "EpisodeOfCare",
        "registration",
        part("status", value="finished"),
        concept("type", "1", "Primary care", system="EMS-PDS-PatientCareProvisionType-1"),
        reference("patient", patient_key),
        reference("managingOrganization", "gp-before"),
        part("period", part("start", value="2024-03-05"), part("end", value="2026-08-30")),
    )
