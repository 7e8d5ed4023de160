"""Whole messages of each kind that community health services send."""

from dataclasses import dataclass

from tests.support.messages.nems import (
    AHeader,
    APerson,
    concept,
    identifier,
    message,
    part,
    reference,
    resource,
)
from tests.support.messages.nems_resources import (
    SUPPLIER,
    care_team,
    episode_of_care,
    organisation,
    patient,
    practitioner,
)


@dataclass(frozen=True)
class ATest:
    """What was tested and what came of it, each as SNOMED code and words."""

    what: tuple[str, str]
    outcome: tuple[str, str]


def professional_contact(
    person: APerson | None = None,
    header: AHeader | None = None,
    *,
    practitioner_name: str = "Amara Okafor",
    practitioner_ref: str = "HV-0101",
    team: str = "Northfield East Health Visiting Team",
    telephone: str | None = "01632 960101",
    episode: str = "episode-1",
    status: str = "active",
    start: str | None = "2026-09-01",
    end: str | None = None,
) -> bytes:
    """A professional-contacts-1 message."""
    person, header = person or APerson(), header or AHeader()
    return message(
        header,
        person,
        "episode",
        organisation(telephone=telephone),
        patient(person),
        episode_of_care(
            number=episode, status=status, patient_key=person.key, start=start, end=end
        ),
        care_team(name=team),
        practitioner(ref=practitioner_ref, name=practitioner_name),
    )


def vaccination(
    person: APerson | None = None,
    header: AHeader | None = None,
    *,
    number: str = "immunisation-1",
    status: str = "completed",
    given: bool = True,
    on: str = "2026-09-01T10:00:00+00:00",
    code: str = "170433008",
    display: str = "Measles mumps and rubella vaccination - second dose (procedure)",
    product: str | None = "Priorix",
    reason_not_given: str = "Immunization consent not given (finding)",
    surgery: tuple[str, str] = ("Y99901", "Larkhill Surgery"),
) -> bytes:
    """A vaccinations-1 message, of one given or not given."""
    person = person or APerson()
    header = header or AHeader(event="vaccinations-1")
    procedure = part(
        "extension",
        concept("valueCodeableConcept", code, display),
        url="https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-VaccinationProcedure-1",
    )
    vaccine = (
        concept("vaccineCode", "34925411000001109", product)
        if given
        else concept(
            "vaccineCode", "NA", "Not Applicable", system="http://hl7.org/fhir/v3/NullFlavor"
        )
    )
    why = (
        None
        if given
        else part("explanation", concept("reasonNotGiven", "310376006", reason_not_given))
    )
    immunization = resource(
        "Immunization",
        "immunisation",
        procedure,
        identifier(f"{SUPPLIER}/immunisation", number),
        part("status", value=status),
        part("notGiven", value="false" if given else "true"),
        vaccine,
        reference("patient", person.key),
        part("date", value=on),
        part("practitioner", reference("actor", "nurse")),
        why,
    )
    return message(
        header,
        person,
        "immunisation",
        immunization,
        organisation(code=surgery[0], name=surgery[1]),
        patient(person),
        practitioner("nurse", ref="PN-7001", name="Ruth Castell"),
    )


def screening(
    person: APerson | None,
    header: AHeader,
    *,
    number: str = "encounter-1",
    kind: tuple[str, str] = ("007", "Newborn Hearing Screening"),
    on: str = "2026-09-01",
    tests: tuple[ATest, ...] = (),
    summary: ATest | None = None,
    status: str = "finished",
    hospital: tuple[str, str] = ("X9M02", "Northfield General Hospital"),
) -> bytes:
    """A newborn screening message: what was tested, and the programme's summary if it has one."""
    person = person or APerson()
    encounter = resource(
        "Encounter",
        "encounter",
        identifier(f"{SUPPLIER}/encounter", number),
        part("status", value=status),
        concept("type", *kind, system="DCH-ChildHealthEncounterType-1"),
        reference("subject", person.key),
        part("period", part("start", value=on)),
        reference("serviceProvider", "organisation"),
    )
    procedures = [
        resource(
            "Procedure",
            f"procedure-{index}",
            part("status", value="completed"),
            concept("code", *test.what),
            reference("subject", person.key),
            reference("context", "encounter"),
            part("performer", reference("actor", "screener")),
            concept("outcome", *test.outcome),
        )
        for index, test in enumerate(tests)
    ]
    observations = (
        []
        if summary is None
        else [
            resource(
                "Observation",
                "summary",
                part("status", value="final"),
                concept("code", *summary.what),
                reference("subject", person.key),
                concept("valueCodeableConcept", *summary.outcome),
            )
        ]
    )
    return message(
        header,
        person,
        "encounter",
        organisation(code=hospital[0], name=hospital[1]),
        patient(person),
        encounter,
        *procedures,
        *observations,
        practitioner("screener", ref="SC-3001", name="Ivor Prentice"),
    )
