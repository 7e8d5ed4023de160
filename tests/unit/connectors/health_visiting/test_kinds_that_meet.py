"""Nothing of a message silences anything else of it: scales, measurements, questionnaires, ears."""

from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records.payloads import Occurrence
from schemas.vocabulary import Action, Category
from tests.support.messages.nems_bundles import Resource, encounter, to
from tests.support.messages.nems_found import (
    ME,
    a_message,
    a_result,
    answered,
    filled_in,
    loinc,
    observed,
    snomed,
)
from tests.support.reading import nems, payloads, the_message

ASQ = "Ages and Stages Questionnaires Third Edition"
GP_APPOINTMENT = {"coding": [{"code": "0028", "display": "GP Appointment"}]}


def occurrence_of(*resources: Resource, **more: Any) -> Occurrence:
    """The one occurrence that a message with these resources states."""
    (occurrence,) = payloads(the_message(nems, a_message(*resources, **more)), Occurrence)
    return occurrence


def kilograms(amount: str, what: str = "Body weight", **more: Any) -> Resource:
    """A weighing."""
    return observed(what, valueQuantity={"value": amount, "unit": "kg"}, **more)


def scored(what: str, score: str, **more: Any) -> Resource:
    """Something with a score."""
    return observed(what, valueQuantity={"value": score}, **more)


def has_members(what: str, *ids: str, **more: Any) -> Resource:
    """A whole of which these are the parts."""
    targets = [{"type": "has-member", "target": to(one)} for one in ids]
    return observed(what, related=targets, **more)


# Scales and measurements.


def test_domains_that_stand_in_no_whole_keep_their_names():
    """Two scores side by side are of two domains, not twice of one questionnaire."""
    parts = (
        scored(f"{ASQ} 24 month questionnaire - {domain} score", score, id=domain[:1])
        for domain, score in (("communication", "10"), ("fine motor", "55"))
    )
    facts = dict(occurrence_of(*parts, event="assessment-scales-1").details)

    assert facts["ASQ-3: Communication (24 month questionnaire)"] == "Score 10"
    assert facts["ASQ-3: Fine motor (24 month questionnaire)"] == "Score 55"


def test_an_encounter_is_what_its_type_is_called_also_without_a_code():
    """A review that is named in words alone is that review."""
    for words, title in (("Sleep clinic", "Sleep clinic"), ("New birth visit", "New birth visit")):
        contact = occurrence_of(focus=encounter(type=[{"text": words}]), event="encounter-1")
        assert (contact.title, contact.coding) == (title, None)


def test_measurements_stand_beside_a_scale_and_its_domains():
    """Whatever kind the message is of."""
    parts = has_members(ASQ, "a1"), scored(f"{ASQ} - communication score", "25", id="a1")

    for event in ("encounter-1", "assessment-scales-1"):
        facts = dict(occurrence_of(*parts, kilograms("11.2"), event=event).details)
        assert facts["Body weight"] == "11.2 kg", event
        assert "Score 25" in facts.values(), event


def test_same_domain_of_two_ages_is_told_twice():
    """In one whole with parts of two ages, and in two wholes."""
    two = (
        scored(f"{ASQ} 10 month questionnaire - communication score", "55", id="a1"),
        scored(f"{ASQ} 22 month questionnaire - communication score", "10", id="a2"),
    )
    in_one = occurrence_of(has_members(ASQ, "a1", "a2"), *two)
    in_two = occurrence_of(
        has_members(f"{ASQ} 10 month", "a1"), has_members(f"{ASQ} 22 month", "a2"), *two
    )

    assert in_one.details == (
        ("ASQ-3: Communication (10 month questionnaire)", "Score 55"),
        ("ASQ-3: Communication (22 month questionnaire)", "Score 10"),
    )
    assert [found for _, found in in_two.details] == ["Score 55", "Score 10"]
    assert len({label for label, _ in in_two.details}) == 2


def test_two_questionnaires_of_one_name_are_counted():
    """Where neither age nor day tells them apart."""
    whole = has_members(ASQ, "a1"), has_members(ASQ, "a2")
    parts = scored("Gross motor", "30", id="a1"), scored("Gross motor", "40", id="a2")

    assert occurrence_of(*whole, *parts).details == (
        ("ASQ-3 (1 of 2): Gross motor", "Score 30"),
        ("ASQ-3 (2 of 2): Gross motor", "Score 40"),
    )


def test_another_instrument_with_a_domain_of_the_same_name_stays_apart():
    """A domain's own words are kept where the scale is not ASQ-3."""
    griffiths = has_members("Griffiths developmental scales", "g1")
    parts = scored("Gross motor", "30", id="a1"), scored("Gross motor skills", "9", id="g1")

    assert occurrence_of(has_members(ASQ, "a1"), griffiths, *parts).details == (
        ("ASQ-3: Gross motor", "Score 30"),
        ("Griffiths developmental scales: Gross motor skills", "Score 9"),
    )


def test_scale_whose_parts_have_parts_tells_the_innermost():
    """Each with the age of the questionnaire that it stands in."""
    found = occurrence_of(
        has_members(ASQ, "q10", "q22"),
        has_members(f"{ASQ} 10 month questionnaire", "a1", id="q10"),
        has_members(f"{ASQ} 22 month questionnaire", "a2", id="q22"),
        scored("Communication", "55", id="a1"),
        scored("Communication", "10", id="a2"),
    )

    assert found.details == (
        ("ASQ-3: Communication (10 month questionnaire)", "Score 55"),
        ("ASQ-3: Communication (22 month questionnaire)", "Score 10"),
    )


def test_observations_that_are_parts_of_one_another_are_told_once():
    """A circle has no whole, and loses nothing."""
    found = occurrence_of(
        has_members(ASQ, "b", id="a", valueQuantity={"value": "5"}),
        has_members(f"{ASQ} - communication", "a", id="b", valueQuantity={"value": "7"}),
    )

    assert sorted(words for _, words in found.details) == ["Score 5", "Score 7"]


def test_panel_of_measurements_is_no_scale():
    """Its members are told under their own names, and the panel itself is nothing."""
    found = occurrence_of(has_members("Growth", "w"), kilograms("9", id="w"))

    assert found.details == (("Body weight", "9 kg"),)


def test_what_replaces_another_stands_in_its_place():
    """The one that was replaced is no fact any more."""
    replacing = [{"type": "replaces", "target": to("old")}]

    found = occurrence_of(kilograms("90", id="old"), kilograms("9.0", related=replacing))

    assert found.details == (("Body weight", "9 kg"),)


def test_assessment_without_a_scale_tells_what_was_found():
    """One score alone, without sub-scales."""
    found = occurrence_of(
        scored("Edinburgh postnatal depression scale", "12"), event="assessment-scales-1"
    )

    assert found.details == (("Edinburgh postnatal depression scale", "Score 12"),)


# Questionnaires.


def test_questionnaire_stands_beside_observations():
    """Answers in codes under the words of their questions; those written freely stay."""
    spoken = {"linkId": "w", "text": "Words", "answer": [{"valueString": "mama, dada"}]}
    found = occurrence_of(kilograms("9"), filled_in(answered("t", "Often", "Turns head"), spoken))

    assert found.details == (("Body weight", "9 kg"), ("Turns head", "Often"))


def test_two_answers_to_one_question_in_two_responses_stay_apart():
    """Each with its day; neither is the outcome."""
    first = filled_in(answered("feedingStatus", "Exclusively breast fed"), authored="2026-07-01")
    second = filled_in(answered("feedingStatus", "Not breast fed"))

    found = occurrence_of(first, second, event="feeding-status-1")

    assert found.outcome is None
    assert found.details[1:] == (
        ("Feeding status", "Exclusively breast fed (1 July 2026)"),
        ("Feeding status", "Not breast fed (1 September 2026, 10:00)"),
    )


def test_answers_about_the_household_are_not_the_child_s():
    """Nor is what its mother answered about herself."""
    smoking = answered("householdSmokingStatus", "Smoker in household", "Smoking")
    mother = {"resourceType": "RelatedPerson", "id": "mother", "patient": ME}
    hers = filled_in(answered("x", "Tired", "Mood"), subject=to("mother"))

    assert occurrence_of(filled_in(smoking), hers, mother).details == ()


# Screening.


def test_hearing_test_is_called_one_wherever_it_was_done():
    """A GP appointment is no screening; which ear, what came of it, and how it goes on."""
    ears = [
        a_result(
            snomed("446077009"),
            {"text": "No clear response"},
            bodySite=[snomed("25577004")],
            followUp=[{"text": "Referral to audiology"}],
        ),
        a_result(snomed("446077009"), {"text": "Clear response"}, bodySite=[snomed("89644007")]),
    ]

    found = occurrence_of(*ears, event="newborn-hearing-1", called=[GP_APPOINTMENT])

    test = "Hearing test by automated otoacoustic emission"
    assert found.title == "Newborn hearing screening"
    assert found.coding is None
    assert found.details == (
        (f"{test}, right ear", "No clear response"),
        (f"{test}, right ear: follow-up", "Referral to audiology"),
        (f"{test}, left ear", "Clear response"),
    )
    assert f"{test}, left ear: Clear response" in (found.outcome or "")


def test_screening_s_summary_may_be_a_procedure():
    """As older examples of the NHS have it."""
    status = a_result(snomed("310240007"), {"text": "Clear response, no follow-up required"})

    found = occurrence_of(status, event="newborn-hearing-1")

    assert found.outcome == "Clear response, no follow-up required"


def test_test_that_was_not_done_says_so_and_why():
    """In STU3's words and in R4's; one without an outcome says that."""
    found = occurrence_of(
        a_result("Hips", notDone=True, notDoneReason={"text": "Declined"}),
        a_result("Eyes", status="not-done", statusReason={"text": "Asleep"}),
        a_result("Heart"),
        a_result("Testes", status="entered-in-error"),
        event="nipe-outcome-1",
    )

    assert found.details == (
        ("Hips", "Not done: Declined"),
        ("Eyes", "Not done: Asleep"),
        ("Heart", "No outcome stated"),
    )


def test_procedure_stands_beside_what_a_review_found():
    """A hearing test at a review is told too."""
    found = occurrence_of(a_result("Distraction test", {"text": "Pass"}), kilograms("9"))

    assert dict(found.details) == {"Distraction test": "Pass", "Body weight": "9 kg"}


def test_encounter_is_called_by_the_type_that_has_words():
    """Whichever of several it is, and whichever coding."""
    types = [{"coding": [{"code": "X1"}]}, {"coding": [{"code": "Y"}, {"display": "Clinic"}]}]

    assert occurrence_of(called=types).title == "Clinic"


def test_everybody_who_took_part_is_named():
    """In the message, by their role, or only where somebody refers to them; no relative is."""
    ruth = {"resourceType": "Practitioner", "id": "ruth", "name": [{"text": "Ruth Moss"}]}
    post = {"resourceType": "PractitionerRole", "id": "post", "practitioner": to("ruth")}
    took_part = [to("post"), {"display": "Sam Reed"}, {"reference": "RelatedPerson/1"}, to("ruth")]
    met = encounter(type=[], participant=[{"individual": one} for one in took_part])

    assert occurrence_of(ruth, post, focus=met).practitioner_name == "Ruth Moss, Sam Reed"


def test_safeguarding_at_an_encounter_is_no_child_health():
    """It has a record of its own in its own category, which an update without it takes back."""
    concern = observed("Safeguarding concern", valueCodeableConcept={"text": "Present"})
    plan = observed(snomed("1064311000000109"))

    new = the_message(nems, a_message(kilograms("9"), concern, plan))
    update = the_message(nems, a_message(kilograms("9"), type="update"))

    health, apart = (r for r in new.records if isinstance(r.payload, Occurrence))
    (clears,) = (r for r in update.records if r.action is Action.CLEAR)
    assert (health.category, apart.category) == (Category.CHILD_HEALTH, Category.SAFEGUARDING)
    assert health.payload.details == (("Body weight", "9 kg"),)
    assert apart.payload.details == (
        ("Safeguarding concern", "Present"),
        ("Child protection plan", "Recorded without a result"),
    )
    assert clears.source_id in apart.scopes
    assert clears.category is Category.CHILD_HEALTH


# Whatever stands beside it.


FACTS: Sequence[tuple[Resource, str]] = (
    (kilograms("11.2"), "11.2 kg"),
    (observed(loinc("8302-2"), valueQuantity={"value": "84.5", "code": "cm"}), "84.5 cm"),
    (
        observed(
            "Blood pressure",
            component=[{"code": loinc("8480-6"), "valueQuantity": {"value": "98", "unit": "mmHg"}}],
        ),
        "98 mmHg",
    ),
    (
        observed(ASQ, contained=[{**scored("Fine motor score", "45"), "id": "f"}]),
        "Score 45",
    ),
    (observed("Red reflex", valueCodeableConcept={"text": "Seen"}), "Seen"),
    (observed("Breastfed", valueBoolean=True), "Yes"),
    (observed(snomed("1"), valueInteger=31), "31"),
    (observed("Hearing", dataAbsentReason={"coding": [{"code": "not-asked"}]}), "not asked"),
    (scored("Apgar score", "8"), "Score 8"),
    (a_result("Distraction test", {"text": "Satisfactory"}), "Satisfactory"),
    (filled_in(answered("q", "Sometimes", "Turns to a voice")), "Sometimes"),
)


@settings(max_examples=40, deadline=None)
@given(st.permutations(FACTS), st.integers(min_value=1, max_value=len(FACTS)))
def test_every_coded_fact_is_shown_whatever_stands_beside_it(
    facts: list[tuple[Resource, str]], number: int
):
    """Any of them, in any order."""
    sent = facts[:number]

    for event in ("encounter-1", "assessment-scales-1"):
        found = occurrence_of(*(resource for resource, _ in sent), event=event)
        shown = " / ".join((found.outcome or "", *(words for _, words in found.details)))
        assert not [words for _, words in sent if words not in shown], event
