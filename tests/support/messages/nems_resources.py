"""The resources of NEMS messages, and whole messages of each kind, for tests and samples."""

from tests.support.messages.nems import (
    NHS_NUMBER,
    ODS_CODE,
    VERIFICATION,
    APerson,
    Part,
    concept,
    identifier,
    maybe,
    part,
    reference,
    resource,
)

SUPPLIER = "https://northfield-community-health.example/identifiers"


def patient(person: APerson) -> tuple[str, Part]:
    """A Patient."""
    address = part(
        "address",
        part("use", value="home"),
        *(part("line", value=line) for line in person.lines),
        maybe("postalCode", person.postcode),
    )
    return resource(
        "Patient",
        person.key,
        _death(person),
        _communication(person),
        _number(person),
        _name(person),
        _telecom(person.telephone),
        maybe("gender", person.gender),
        _birth_date(person),
        maybe("deceasedBoolean", person.deceased),
        maybe("deceasedDateTime", person.died),
        address if person.lines or person.postcode else None,
        maybe("multipleBirthInteger", person.birth_order),
        reference("generalPractitioner", person.gp),
        part("link", reference("other", person.mother_link)) if person.mother_link else None,
    )


def organisation(
    key: str = "organisation",
    *,
    code: str = "X9H01",
    name: str | None = "Northfield Community Health",
    telephone: str | None = None,
) -> tuple[str, Part]:
    """An Organization with its ODS code."""
    return resource(
        "Organization", key, identifier(ODS_CODE, code), maybe("name", name), _telecom(telephone)
    )


def practitioner(
    key: str = "practitioner", *, ref: str | None = "HV-0101", name: str = "Amara Okafor"
) -> tuple[str, Part]:
    """A Practitioner with the sender's own reference for them."""
    given, _, family = name.rpartition(" ")
    number = None if ref is None else identifier(f"{SUPPLIER}/practitioner", ref)
    spoken = part("name", part("family", value=family), part("given", value=given))
    return resource("Practitioner", key, number, spoken)


def care_team(
    key: str = "team",
    *,
    name: str = "Northfield East Health Visiting Team",
    members: tuple[str, ...] = ("practitioner",),
    telephone: str | None = None,
) -> tuple[str, Part]:
    """A CareTeam of health visitors."""
    role = concept("role", "224534008", "Health visitors, nurses and midwives")
    seats = [part("participant", _copy(role), reference("member", member)) for member in members]
    return resource("CareTeam", key, part("name", value=name), *seats, _telecom(telephone))


def episode_of_care(
    *,
    number: str | None = "episode-1",
    status: str = "active",
    patient_key: str | None = "patient",
    start: str | None = "2026-09-01",
    end: str | None = None,
) -> tuple[str, Part]:
    """An EpisodeOfCare of the health visiting service."""
    period = part("period", maybe("start", start), maybe("end", end))
    return resource(
        "EpisodeOfCare",
        "episode",
        identifier(f"{SUPPLIER}/episode", number) if number else None,
        part("status", value=status),
        concept("type", "1078501000000104", "Health visiting service"),
        reference("patient", patient_key),
        reference("managingOrganization", "organisation"),
        period,
        reference("team", "team"),
    )


def _copy(element: Part) -> Part:
    return element.__deepcopy__({})


def _telecom(number: str | None) -> Part | None:
    if number is None:
        return None
    return part("telecom", part("system", value="phone"), part("value", value=number))


def _number(person: APerson) -> Part | None:
    if person.nhs_number is None:
        return None
    if person.status is None:
        return identifier(NHS_NUMBER, person.nhs_number)
    status = concept("valueCodeableConcept", person.status, system="NHSNumberVerificationStatus-1")
    return identifier(NHS_NUMBER, person.nhs_number, part("extension", status, url=VERIFICATION))


def _name(person: APerson) -> Part:
    return part(
        "name",
        part("use", value=person.use),
        maybe("family", person.family),
        *(part("given", value=given) for given in person.given),
    )


def _birth_date(person: APerson) -> Part | None:
    if person.born is None:
        return None
    if person.birth_time is None:
        return part("birthDate", value=person.born)
    time = part(
        "extension",
        part("valueDateTime", value=person.birth_time),
        url="http://hl7.org/fhir/StructureDefinition/patient-birthTime",
    )
    return part("birthDate", time, value=person.born)


def _death(person: APerson) -> Part | None:
    if person.death_status is None:
        return None
    status = concept(
        "valueCodeableConcept", person.death_status, system="DeathNotificationStatus-1"
    )
    return part(
        "extension",
        part("extension", status, url="deathNotificationStatus"),
        url="https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-DeathNotificationStatus-1",
    )


def _communication(person: APerson) -> Part | None:
    if person.language is None:
        return None
    language = part(
        "extension", concept("valueCodeableConcept", "pl", person.language), url="language"
    )
    needed = (
        None
        if person.interpreter is None
        else part(
            "extension",
            part("valueBoolean", value=str(person.interpreter).lower()),
            url="interpreterRequired",
        )
    )
    return part(
        "extension",
        language,
        needed,
        url="https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-NHSCommunication-1",
    )
