"""What the other events of Digital Child Health tell: a table of right values."""

import json
from collections.abc import Sequence

import pytest

from connectors.health_visiting.accounts.encounters import ACCOUNTS
from connectors.health_visiting.nems.events import EventCode
from schemas.records.payloads import ContactDetails, Occurrence, PersonDetails
from schemas.vocabulary import Category
from tests.support.messages.nems_bundles import (
    Resource,
    bundle,
    concept,
    encounter,
    found,
    observation,
    organisation,
    patient,
    to,
)
from tests.support.reading import (
    nems,
    payloads,
    record_of,
    removed,
    the_message,
    upserted,
)

CONTEXT = (patient(), organisation())
SNOMED = "http://snomed.info/sct"
NOTHING_STANDS = ("Noted", "Nothing that stands: what was sent is ruled out or entered in error")
AT = ("At", "2-2.5 Year Health Visitor review")


def condition(words: str = "Asthma (disorder)", **more: object) -> Resource:
    """A problem without a status, as the official example has it."""
    return found("Condition", code=concept(words), **more)


def allergy(**more: object) -> Resource:
    """An allergy to penicillin, confirmed and active."""
    said = {"clinicalStatus": "active", "verificationStatus": "confirmed", "type": "allergy"}
    substance = {"code": concept("Penicillin"), "patient": to("pat")}
    return {"resourceType": "AllergyIntolerance", "id": "al", **said, **substance, **more}


def answers(*items: tuple[str, str, object]) -> Resource:
    """A questionnaire: link, question, coded answer or text."""
    made = [
        {
            "linkId": link,
            "text": question,
            "answer": [{"valueString": said} if isinstance(said, str) else said],
        }
        for link, question, said in items
    ]
    return found("QuestionnaireResponse", status="completed", item=made)


def coded(words: str) -> Resource:
    """A coded answer."""
    return {"valueCoding": {"system": SNOMED, "code": "1", "display": words}}


def told(event: str, *resources: Resource, **more: object) -> Occurrence:
    """The occurrence that an event about these states."""
    text = bundle(event, encounter(**more), *resources, *CONTEXT)
    (occurrence,) = payloads(the_message(nems, text), Occurrence)
    return occurrence


Lines = Sequence[tuple[str, str]]
RIGHT: Sequence[tuple[EventCode, Sequence[Resource], Lines]] = (
    (EventCode.OBSERVATIONS, [observation()], [("Head circumference", "47 cm")]),
    (
        EventCode.OBSERVATIONS,
        [observation(valueQuantity={"value": 36.4, "unit": "DegreesCelsius", "code": "Cel"})],
        [("Head circumference", "36.4 °C")],
    ),
    (EventCode.OBSERVATIONS, [observation(status="entered-in-error")], []),
    (EventCode.OBSERVATIONS, [observation(subject={"reference": "urn:uuid:mother"})], []),
    (
        EventCode.INVESTIGATION_RESULTS,
        [observation(status="preliminary")],
        [("Head circumference", "47 cm (not final)")],
    ),
    (
        EventCode.BIRTH_DETAILS,
        [found("Procedure", status="completed", code=concept("Forceps delivery"))],
        [("Forceps delivery", "No outcome stated")],
    ),
    (
        EventCode.EXAMINATION_FINDINGS,
        [found("Procedure", status="completed", notDone=True, code=concept("Hip examination"))],
        [("Hip examination", "Not done")],
    ),
    # Problems: whether each is there.
    (EventCode.PROBLEM_LIST, [condition()], [("Asthma", "Noted")]),
    (
        EventCode.PROBLEM_LIST,
        [condition(onsetDateTime="2025-01-29", abatementDateTime="2025-06")],
        [("Asthma", "Noted, from 29 January 2025, until June 2025")],
    ),
    (
        EventCode.PROBLEM_LIST,
        [condition(clinicalStatus="resolved")],
        [("Asthma", "Resolved")],
    ),
    (
        EventCode.PROBLEM_LIST,
        [condition(clinicalStatus=concept("x") | {"coding": [{"code": "active"}]})],
        [("Asthma", "Active")],
    ),
    (EventCode.PROBLEM_LIST, [condition(verificationStatus="refuted")], [NOTHING_STANDS]),
    (EventCode.PROBLEM_LIST, [condition(verificationStatus="entered-in-error")], [NOTHING_STANDS]),
    (
        EventCode.PROBLEM_LIST,
        [condition(verificationStatus="provisional", clinicalStatus="active")],
        [("Asthma", "Active (not confirmed)")],
    ),
    (
        EventCode.PROBLEM_LIST,
        [condition(modifierExtension=[{"url": "https://x.example/not"}])],
        [("Asthma", "Noted (its source does not say whether this stands)")],
    ),
    (EventCode.PROBLEM_LIST, [condition(subject=to("mother"))], []),
    (EventCode.PROBLEM_LIST, [condition(onsetDateTime="next week")], [("Asthma", "Noted")]),
    # Skills: what was assessed of each, and nothing where nothing was.
    (
        EventCode.DEVELOPMENTAL_SKILLS,
        [condition("Sits without support", stage={"summary": concept("Skill not achieved")})],
        [("Sits without support", "Skill not achieved")],
    ),
    (EventCode.DEVELOPMENTAL_SKILLS, [condition("Sits")], [("Sits", "Noted")]),
    # Allergies: to what, how, and whether it is over.
    (EventCode.ALLERGIES, [allergy()], [("Allergy", "Penicillin")]),
    (
        EventCode.ALLERGIES,
        [allergy(reaction=[{"manifestation": [concept("Swelling")], "severity": "moderate"}])],
        [("Allergy", "Penicillin (Swelling, moderate)")],
    ),
    (
        EventCode.ALLERGIES,
        [allergy(clinicalStatus="resolved")],
        [("Allergy", "Penicillin (Resolved)")],
    ),
    (EventCode.ALLERGIES, [allergy(verificationStatus="refuted")], [NOTHING_STANDS]),
    (EventCode.ALLERGIES, [allergy(patient=to("mother"))], []),
    (
        EventCode.ALLERGIES,
        [allergy(type="intolerance", verificationStatus="unconfirmed", code={"text": "Milk"})],
        [("Intolerance", "Milk (not confirmed)")],
    ),
    # Requests: as far as each has come.
    (
        EventCode.REFERRAL,
        [
            found(
                "ReferralRequest",
                status="active",
                intent="order",
                serviceRequested=[concept("Speech therapy")],
                reasonCode=[concept("Late talking")],
                priority="urgent",
            )
        ],
        [
            ("Referral", "Speech therapy"),
            ("Referral: reason", "Late talking"),
            ("Referral: urgency", "Urgent"),
        ],
    ),
    (
        EventCode.REFERRAL,
        [found("ReferralRequest", status="active", intent="proposal", code=concept("A clinic"))],
        [("Referral", "A clinic (proposed)")],
    ),
    (
        EventCode.REFERRAL,
        [found("ReferralRequest", status="cancelled", intent="order", code=concept("A clinic"))],
        [("Referral", "A clinic (called off)")],
    ),
    (
        EventCode.REFERRAL,
        [found("ReferralRequest", status="active", specialty=concept("Paediatrics"))],
        [("Referral", "Paediatrics")],
    ),
    (
        EventCode.REFERRAL,
        [found("ReferralRequest", status="active", recipient=[to("org")])],
        [("Referral", "Northfield Community Health")],
    ),
    (
        EventCode.REFERRAL,
        [found("ServiceRequest", status="active", performer=[{"display": "Dr Jo Reed"}])],
        [("Requested", "A service without a name here")],
    ),
    (EventCode.REFERRAL, [found("ReferralRequest", status="entered-in-error")], []),
    (
        EventCode.BLOOD_SPOT_SAMPLE,
        [found("ProcedureRequest", status="completed", intent="order", code=concept("Card sent"))],
        [("Requested", "Card sent")],
    ),
    (
        EventCode.BLOOD_SPOT_SAMPLE,
        [found("ProcedureRequest", status="active", doNotPerform=True, code=concept("Card"))],
        [],
    ),
    # Advice and notes: what about; what they say stays where it is.
    (
        EventCode.ADVICE_GIVEN,
        [found("Communication", status="completed", reasonCode=[concept("Wound care")])],
        [("Advice", "Wound care")],
    ),
    (
        EventCode.ADVICE_GIVEN,
        [found("Communication", status="completed", notDone=True, reasonCode=[concept("Diet")])],
        [],
    ),
    (
        EventCode.PROFESSIONAL_SUMMARY,
        [found("Communication", status="completed", category=[concept("Immunisations")])],
        [("About", "Immunisations")],
    ),
    # Answers: the child's own; the household's stay at their source.
    (
        EventCode.EARLY_YEARS_PROGRESS,
        [answers(("parentalConsent", "Parental consent", coded("Parental consent declined")))],
        [("Parental consent", "Parental consent declined")],
    ),
    (
        EventCode.SOCIAL_CONTEXT,
        [answers(("substanceStatus", "Drug use", coded("Has never misused drugs")))],
        [("Drug use", "Has never misused drugs")],
    ),
    (
        EventCode.HOUSEHOLD,
        [answers(("substanceStatus", "Household drug use", coded("Drug misuse in household")))],
        [],
    ),
    (
        EventCode.EDUCATIONAL_HISTORY,
        [answers(("educationalEstablishment", "Nursery", {"valueReference": to("org")}))],
        [("Nursery", "Northfield Community Health")],
    ),
    (
        EventCode.EDUCATIONAL_HISTORY,
        [answers(("educationalEstablishment", "Nursery", {"valueReference": to("pat")}))],
        [],
    ),
)


@pytest.mark.parametrize(("event", "resources", "lines"), RIGHT)
def test_event_tells_this(event: EventCode, resources: list[Resource], lines: Lines):
    """Under the words of what it is, with what is open about it; no more and no less."""
    said = told(event, *resources)

    assert said.title == ACCOUNTS[event].title
    assert said.details == (AT, *lines)


@pytest.mark.parametrize("event", [*ACCOUNTS, EventCode.SAFETY_ALERTS])
def test_each_is_put_right_and_taken_back_by_its_key(event: EventCode):
    """New and updated it is one record, deleted it is gone."""
    parts = (encounter(), observation(), *CONTEXT)
    new, update, delete = (
        the_message(nems, bundle(event, *parts, kind=kind)) for kind in ("new", "update", "delete")
    )

    record = record_of(new, Occurrence)
    assert record_of(update, Occurrence).source_id == record.source_id
    assert removed(delete) == {record.source_id}
    assert not upserted(delete)


@pytest.mark.parametrize("event", ACCOUNTS)
@pytest.mark.parametrize(
    ("status", "is_so"), [("planned", "planned"), ("cancelled", "not-done"), ("unknown", "unknown")]
)
def test_an_encounter_that_did_not_take_place_did_not(event: EventCode, status: str, is_so: str):
    """Whatever is told of it."""
    assert told(event, observation(), status=status).status.value == is_so


@pytest.mark.parametrize(
    ("on", "is_said"), [("2024-01-14", True), ("2024-01-15", False), ("2024-01", False)]
)
def test_what_is_dated_before_the_birth_says_so(on: str, *, is_said: bool):
    """Both days are the source's own: neither is hidden."""
    said = told(EventCode.MEDICATION_GIVEN, period={"start": on})

    assert said.period.start == on
    assert (("Dated", "Before the date of birth, by its source") in said.details) is is_said


def test_additional_demographics_tell_only_who_somebody_is():
    """Nothing stands on the timeline for it."""
    text = bundle("CH001", encounter(), patient(address=[{"line": ["1 Low Road"]}]), organisation())

    kinds = [type(record.payload) for record in the_message(nems, text).records]

    assert kinds == [PersonDetails, ContactDetails]


MORE: Sequence[tuple[EventCode, Sequence[Resource], list[tuple[str, int]]]] = (
    (EventCode.PLAN, [found("CarePlan", description="Weigh again")], [("plan", 1), ("note", 1)]),
    (EventCode.RISK_FACTORS, [found("RiskAssessment", status="final")], [("condition", 1)]),
    (EventCode.MEDICATION_STATEMENT, [found("MedicationStatement")], [("medicine", 1)]),
    (
        EventCode.MEDICATION_GIVEN,
        [found("MedicationAdministration"), {"resourceType": "Medication", "id": "m"}],
        [("medicine", 1)],
    ),
    (EventCode.FAMILY_HISTORY, [found("FamilyMemberHistory")], [("finding", 1)]),
    (EventCode.BLOOD_SPOT_CARD, [found("Specimen", receivedTime="2026")], [("finding", 1)]),
    (
        EventCode.COMMENT_OF_FAMILY,
        [found("Communication", status="completed", payload=[{"contentString": "She is happy"}])],
        [("note", 1)],
    ),
    (
        EventCode.ADVICE_GIVEN,
        [found("Communication", status="completed", payload=[{"contentAttachment": {"url": "x"}}])],
        [("document", 1)],
    ),
    (
        EventCode.HOUSEHOLD,
        [answers(("householdSmokingStatus", "Smoking", coded("Smoker in household")))],
        [("finding", 1)],
    ),
    (
        EventCode.EARLY_YEARS_PROGRESS,
        [answers(("areasOfConcern", "Concern", "None"))],
        [("note", 1)],
    ),
    (EventCode.PROBLEM_LIST, [condition()], []),
    (EventCode.ALLERGIES, [allergy(note=[{"text": "Give another"}])], [("note", 1)]),
)


@pytest.mark.parametrize(("event", "resources", "more"), MORE)
def test_what_stays_at_the_source_is_named(
    event: EventCode, resources: list[Resource], more: list[tuple[str, int]]
):
    """With the record, so that whoever may see the one may know of the other."""
    message = the_message(nems, bundle(event, encounter(), *resources, *CONTEXT))

    record = record_of(message, Occurrence)

    assert [(one.kind.value, one.count) for one in record.more] == more


def test_nothing_written_freely_is_told_on():
    """A canary in every text of every kind stays where it is."""
    canary = "Zebediah"
    parts = (
        answers(("areasOfConcern", "Concern", canary), ("lifestyle", "Lifestyle", canary)),
        found("Communication", status="completed", payload=[{"contentString": canary}]),
        found("CarePlan", description=canary),
        allergy(note=[{"text": canary}]),
        condition(note=[{"text": canary}]),
        observation(valueQuantity=None, valueString=canary),
    )
    for event in (*ACCOUNTS, EventCode.SAFETY_ALERTS):
        message = the_message(nems, bundle(event, encounter(), *parts, *CONTEXT))
        said = [getattr(one.payload, "details", ()) for one in message.records]
        assert canary not in json.dumps(said), event


@pytest.mark.parametrize(
    ("event", "category"),
    [
        (EventCode.HOUSEHOLD, Category.FAMILY_AND_HOUSEHOLD),
        (EventCode.EDUCATIONAL_HISTORY, Category.EDUCATION),
        (EventCode.OBSERVATIONS, Category.CHILD_HEALTH),
        (EventCode.SAFETY_ALERTS, Category.SAFEGUARDING),
    ],
)
def test_who_may_see_it_goes_by_what_it_tells(event: EventCode, category: Category):
    """Not by that it was sent by a health visitor."""
    text = bundle(event, encounter(), observation(), *CONTEXT)

    assert record_of(the_message(nems, text), Occurrence).category is category
