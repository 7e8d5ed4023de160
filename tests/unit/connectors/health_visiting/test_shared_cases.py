"""The shared inputs that once went wrong, as a health visitor sees them now."""

import pytest

from schemas.records.payloads import Occurrence
from schemas.records.unused import MoreKind
from schemas.vocabulary import Category, IdentifierStatus
from tests.support.checkout import ROOT
from tests.support.messages.as_shown import Shown, shown
from tests.support.reading import nems, record_of, the_message

FOLDER = ROOT.parent / "shared" / "cases" / "health"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the shared cases are not here")


def case(name: str) -> Shown:
    """The page that one of the inputs makes."""
    return shown((FOLDER / f"{name}.json").read_bytes())


def test_the_needs_of_a_parent_are_a_parents():
    """04: the interpreter and the wheelchair are not the child's."""
    page = case("04-parents-needs-shown-as-childs")

    assert (
        "Communication: Parent or guardian: interpreter needed; Interpreter needed - Polish; "
        "Dependence on wheelchair" in page.child
    )
    assert "Communication: No communication needs recorded" in page.child
    assert "[Interpreter needed]" not in page.child
    assert page.profile.communication == ()


def test_a_finished_episode_without_an_end_is_over():
    """05-finished: nobody to ring now."""
    page = case("05-episode-finished-no-end")

    assert page.support.practitioners == ()
    assert page.support.past_practitioners[0].telephone == "Nobody to ring: this is over"
    assert "0191 498" not in page.text


def test_a_planned_episode_is_planned():
    """05-planned: nobody to ring now, and it says from when."""
    page = case("05-episode-planned-no-end")

    assert page.support.practitioners == ()
    assert page.support.planned_practitioners[0].when == "planned from 1 September 2025"
    assert "0191 498" not in page.text


def test_the_name_in_force_stands_and_the_ended_one_is_former():
    """06: two official names, one of them over."""
    page = case("06-name-official-ended")

    assert "Name: Ada NEWNAME, formerly Ada OLDNAME" in page.child
    assert page.profile.people[0].names[0].is_verified


def test_a_birth_date_with_a_time_is_read_as_its_day():
    """11: FHIR has no time there."""
    assert "Born: 15 January 2024" in case("11-birthdate-with-time").child


@pytest.mark.parametrize(
    "name", ["22-superseded-number-in-patient", "23-routing-old-number-patient-new"]
)
def test_the_old_and_the_new_number_are_one_child(name: str):
    """22 and 23: one subject with both, the old one as what it was."""
    message = the_message(nems, (FOLDER / f"{name}.json").read_bytes())

    (child,) = message.subjects
    assert [one.status for one in child.identifiers] == [
        IdentifierStatus.VERIFIED,
        IdentifierStatus.SUPERSEDED,
    ]


def test_a_safety_alert_is_told_of_and_its_words_are_asked_for():
    """30: what kind of risk, since when, and whom to ask; what the risk is stays at its source."""
    path = FOLDER / "30-safety-alert-event.json"
    page, record = case(path.stem), record_of(the_message(nems, path.read_bytes()), Occurrence)

    assert "Safety alert, 20 February 2026, Organisation: NORTHFIELD" in page.text
    assert "Risk from others: In words at its source" in page.text
    assert record.category is Category.SAFEGUARDING
    assert [one.kind for one in record.more] == [MoreKind.NOTE]


def test_an_observation_entered_in_error_is_no_fact():
    """31: the birth weight never was."""
    page = case("31-medical-risk-text-observation")

    assert "Contact with a health service, 20 February 2026" in page.text
    assert "3500" not in page.text
    assert "Bruise" not in page.text
    assert "Birth weight" not in page.text


def test_a_planned_review_is_planned():
    """40: not on time."""
    page = case("40-review-status-planned")

    assert "2 to 2½ year review, planned for 20 February 2026, [Planned]" in page.text
    assert "On time" not in page.text


def test_the_number_of_another_organisation_is_not_given():
    """42: whose service it is says its `providedBy`."""
    page = case("42-phone-of-another-organisation")

    assert "0191 498 0999" not in page.text
    assert page.support.practitioners[0].telephone_href is None


def test_only_the_number_in_force_is_given():
    """45: the old one ended."""
    page = case("45-telecom-old-ended")

    assert "Telephone: 07700900222," in page.child
    assert "07700900111" not in page.text


def test_growth_is_shown_beside_a_questionnaire():
    """01: the weight, the height and the head beside ASQ-3, which says for which age it was."""
    page = case("01-growth-beside-asq")

    assert (
        "ASQ-3: Communication (24 month questionnaire): Score 25, Body weight: 11.2 kg, "
        "Body height measure: 84.5 cm, Head circumference: 48.1 cm" in page.text
    )


def test_growth_is_shown_beside_a_blood_pressure():
    """03: neither silences the other, and neither is a score."""
    page = case("03-growth-beside-blood-pressure")

    assert "Blood pressure: Systolic arterial pressure: 64 mmHg, Body weight: 11.2 kg" in page.text
    assert "Score" not in page.text


def test_a_vaccination_in_the_shape_of_r4_is_read():
    """20: a status says that it was not given, and why."""
    page = case("20-immunization-r4")

    assert (
        "Measles mumps and rubella vaccination - second dose, 14 February 2026, "
        "[Offered, not given], Outcome: Not given: Generally unwell" in page.text
    )


def test_a_vaccine_is_named_by_the_code_that_has_words():
    """21: although a bare code of Read stands before it."""
    page = case("21-vaccination-loinc-first-no-display")

    assert "MMR second dose, 14 February 2026, Outcome: Given" in page.text
    assert "65MB." not in page.text


def test_two_questionnaires_are_told_apart_by_their_ages():
    """32: ten months and twenty-two, each with its own score."""
    page = case("32-asq-two-ages-same-domain")

    assert "Communication (10 month questionnaire): Score 55" in page.text
    assert "Communication (22 month questionnaire): Score 10" in page.text


def test_both_teams_are_shown_and_the_named_practitioner_can_be_rung():
    """34: the duty team beside her own, whose number is hers."""
    page = case("34-episode-two-types-two-teams")

    lines = {line.agency.rpartition(", ")[2]: line for line in page.support.practitioners}
    hers = lines.pop("East locality health visitors")
    assert (hers.who, hers.telephone) == ("Ruth Moss, Health visitor", "0191 498 0002")
    assert hers.service == "Universal partnership plus, Health visiting service"
    assert set(lines) == {"Duty team"}
