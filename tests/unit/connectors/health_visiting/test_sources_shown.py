"""What a health visitor sees of messages that went wrong, read where they lie."""

import pytest

from tests.support.reading import nems, the_message
from tests.support.shown import HEALTH_CASES, Shown, shown

pytestmark = pytest.mark.skipif(not HEALTH_CASES.is_dir(), reason="the shared cases are not here")


def case(number: str) -> Shown:
    """What is shown of the case with that number."""
    (path,) = HEALTH_CASES.glob(f"{number}-*.json")
    return shown(the_message(nems, path.read_bytes()))


def test_growth_is_shown_beside_a_questionnaire():
    """The weighing, the height and the head beside ASQ-3, which says for which age it was."""
    facts = dict(case("01").facts)

    assert facts["ASQ-3: Communication (24 month questionnaire)"] == "Score 25"
    assert facts["Body weight"] == "11.2 kg"
    assert facts["Body height measure"] == "84.5 cm"
    assert facts["Head circumference"] == "48.1 cm"


def test_growth_is_shown_beside_a_blood_pressure():
    """Neither silences the other, and neither is a score."""
    found = case("03")

    assert dict(found.facts)["Blood pressure: Systolic arterial pressure"] == "64 mmHg"
    assert dict(found.facts)["Body weight"] == "11.2 kg"
    assert "Score" not in found.words


def test_vaccination_in_the_shape_of_r4_is_read():
    """A status says that it was not given, and why."""
    (item,) = case("20").timeline

    assert item.title == "Measles mumps and rubella vaccination - second dose"
    assert ("Outcome", "Not given: Generally unwell") in item.details
    assert [tag.text for tag in item.tags] == ["Offered, not given"]
    assert item.when == "14 February 2026"


def test_vaccine_is_named_by_the_code_that_has_words():
    """Although a bare code of Read stands before it."""
    (item,) = case("21").timeline

    assert item.title == "MMR second dose"
    assert "65MB." not in str(item)


def test_what_was_entered_in_error_or_written_freely_is_not_shown():
    """Neither the weight nor the words."""
    words = case("31").words

    assert "3500" not in words
    assert "Bruise" not in words


def test_two_questionnaires_are_told_apart_by_their_ages():
    """Ten months and twenty-two, each with its own score."""
    facts = dict(case("32").facts)

    assert facts["Communication (10 month questionnaire)"] == "Score 55"
    assert facts["Communication (22 month questionnaire)"] == "Score 10"


def test_both_teams_are_shown_and_the_named_practitioner_can_be_rung():
    """The duty team beside her own, whose number is hers."""
    lines = {line.agency.rpartition(", ")[2]: line for line in case("34").practitioners}

    assert set(lines) == {"Duty team", "East locality health visitors"}
    hers = lines["East locality health visitors"]
    assert (hers.who, hers.telephone) == ("Ruth Moss, Health visitor", "0191 498 0002")
    assert "Health visiting service" in hers.service
    assert "Universal partnership plus" in hers.service
