"""When a young person's decision is theirs to make."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from consent.circumstances import Circumstances, CompetenceJudgement, CompetenceQuestion
from consent.decisions.ages import HeldBirth, NamedAgency
from consent.decisions.deciders import SubjectFacts
from consent.errors import DecisionInvalidError
from schemas.identifiers import nhs_number_identifier
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Source
from tests.support.builders import DAY, MOTHER, NOW, VISITOR, YOUNG_PERSON
from tests.support.consents.deciding_world import ACTOR, COMPETENT, JUDGED, OTHER, World
from tests.support.fakes.fake_deciders import FakeDeciders

# NOW is 2 March 2026.
BORN_16_TODAY, BORN_15_STILL = "2010-03-02", "2010-03-03"


def _born(date_of_birth: str | None) -> Subject:
    number = nhs_number_identifier("9990000018")
    return Subject("subject", (number,), Demographics(date_of_birth=date_of_birth))


def _held(born: str) -> SubjectFacts:
    """That the national register has this date."""
    told_by = NamedAgency(Source.HEALTH_VISITING, "RY4")
    return SubjectFacts((HeldBirth(date.fromisoformat(born), told_by, is_registered=True),))


def _decide(born: str | None = None, held: str | None = None, **told: Any) -> Circumstances:
    world = World() if held is None else World(deciders=FakeDeciders(_held(held)))
    recorded = world.record(
        subjects=(_born(born),), decided_by=YOUNG_PERSON, circumstances=Circumstances(**told)
    )
    return recorded.decision.circumstances


def test_five_questions_answered_with_yes_are_a_judgement():
    """Each of them is needed: one no is a no."""
    assert COMPETENT.is_competent
    for question in CompetenceQuestion:
        others = frozenset(CompetenceQuestion) - {question}
        judged = CompetenceJudgement.of(others, judged_by=VISITOR, judged_at=NOW)
        assert not judged.is_competent


def test_a_young_person_judged_competent_decides():
    """The judgement is kept with the decision, and who recorded it."""
    told = _decide(born=BORN_15_STILL, competence=COMPETENT)

    assert told.competence == COMPETENT
    assert told.recorded_by == ACTOR
    assert not told.presumed_competent


@pytest.mark.parametrize("held", [BORN_16_TODAY, "2008-07-01"])
def test_from_16_nobody_has_to_judge(held: str):
    """Mental Capacity Act 2005 s.1(2): by the date that others hold, not by one that was typed."""
    assert _decide(held=held).presumed_competent


def test_where_no_age_is_held_somebody_may_say_so():
    """It is written down; whether it opens anything is for a second hand."""
    assert _decide(presumed_competent=True).presumed_competent


@pytest.mark.parametrize(
    ("born", "told", "message"),
    [
        (None, {}, "competence: is-missing"),
        (BORN_15_STILL, {}, "competence: is-missing"),
        ("the third of May", {}, "competence: is-missing"),
        (BORN_16_TODAY, {}, "competence: is-missing"),
        (
            BORN_16_TODAY,
            {"competence": replace(COMPETENT, weighs_it_up=False)},
            "competence: was-judged-not-to-be",
        ),
        (
            None,
            {"competence": replace(COMPETENT, judged_at=NOW + DAY)},
            "competence: is-not-judged-yet",
        ),
        (
            None,
            {"competence": replace(COMPETENT, judged_at=NOW.replace(tzinfo=None))},
            "competence: is-not-judged-yet",
        ),
        (
            None,
            {"competence": replace(COMPETENT, judged_by="Priya Nair")},
            "competence: is-judged-by-no-practitioner",
        ),
    ],
)
def test_without_competence_a_young_person_does_not_decide(
    born: str | None, told: dict[str, Any], message: str
):
    """A judgement to the contrary stands against the presumption too."""
    with pytest.raises(DecisionInvalidError) as raised:
        _decide(born=born, **told)

    assert str(raised.value) == message


def test_nobody_is_presumed_able_below_16():
    """Whatever was typed, and whoever says so."""
    with pytest.raises(DecisionInvalidError) as raised:
        _decide(born=BORN_16_TODAY, held=BORN_15_STILL, presumed_competent=True)

    assert str(raised.value) == "competence: is-not-presumed-below-16"


def test_somebody_known_by_id_only_needs_a_judgement_or_a_word():
    """Where no age is held nothing is presumed."""
    world = World()
    known = world.record().decision.subjects

    with pytest.raises(DecisionInvalidError, match="competence: is-missing"):
        world.record(subjects=tuple(known), decided_by=YOUNG_PERSON)
    world.record(subjects=tuple(known), decided_by=YOUNG_PERSON, circumstances=JUDGED)


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"competence": COMPETENT}, "competence: is-asked-of-a-young-person-only"),
        ({"presumed_competent": True}, "competence: is-asked-of-a-young-person-only"),
        ({"parents_are_not_told": True}, "parents-not-told: is-a-young-persons-to-ask"),
    ],
)
def test_what_is_a_young_persons_is_nobody_elses(told: dict[str, Any], message: str):
    """A parent is neither judged, nor may one parent hide from the other."""
    with pytest.raises(DecisionInvalidError) as raised:
        World().record(decided_by=MOTHER, circumstances=Circumstances(**told))

    assert str(raised.value) == message


def test_a_young_person_may_ask_that_parents_are_not_told():
    """It is kept with the decision, and changes nothing of what it permits."""
    assert _decide(competence=COMPETENT, parents_are_not_told=True).parents_are_not_told


def test_a_young_person_decides_for_nobody_else():
    """A sibling's record is not theirs to share."""
    world = World()
    (sibling,) = world.record(subjects=(OTHER,)).decision.subjects

    with pytest.raises(DecisionInvalidError, match="is-not-only-who-decides"):
        world.record(subjects=(_born(None), sibling), decided_by=YOUNG_PERSON, circumstances=JUDGED)
