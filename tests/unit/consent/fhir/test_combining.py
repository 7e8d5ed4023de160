"""Words that disagree: which of them decide."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from consent.deciding.words import CombiningAlgorithm, Region, Word, decisive
from consent.fhir import consent_from_json, decide_by_consents
from consent.fhir.answering import ConsentReason
from consent.fhir.elements import Span
from consent.fhir.question import PeriodCriterion
from consent.question import Effect, Reason
from tests.support.consents.asking_consents import a_question
from tests.support.consents.fhir_consents import a_consent

DAY = timedelta(days=1)
THEN = datetime(2026, 1, 1, tzinfo=UTC)
YES = Word(permits=True, reason=Reason.CONSENT, said_at=THEN)
NO = Word(permits=False, reason=Reason.REFUSED, said_at=THEN)
LATER_YES, LATER_NO = replace(YES, said_at=THEN + DAY), replace(NO, said_at=THEN + DAY)
LAST_YEAR = Region(
    (PeriodCriterion(Span(THEN - 365 * DAY, THEN), Effect.DENY, {"dataPeriod": {}}),)
)


@pytest.mark.parametrize("algorithm", CombiningAlgorithm)
def test_of_nothing_said_nothing_decides(algorithm: CombiningAlgorithm):
    """Nor permits: trivially false."""
    assert decisive([], algorithm) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([YES], (YES, YES, YES)),
        ([NO], (NO, NO, NO)),
        ([NO, LATER_YES], (NO, LATER_YES, LATER_YES)),
        ([YES, LATER_NO], (LATER_NO, LATER_NO, YES)),
        ([YES, NO], (NO, NO, YES)),
    ],
)
def test_each_algorithm_has_its_own_winner(words: list[Word], expected: tuple[Word, ...]):
    """deny-overrides, most-recent, permit-overrides; in any order."""
    forwards = [decisive(words, algorithm) for algorithm in CombiningAlgorithm]
    backwards = [decisive(words[::-1], algorithm) for algorithm in CombiningAlgorithm]

    assert forwards == backwards == [[word] for word in expected]


def test_a_no_about_some_of_the_data_leaves_the_rest_of_a_yes():
    """Which is what a document can say, and a decision on record cannot."""
    [left] = decisive([YES, replace(NO, about=LAST_YEAR)])

    assert left.permits
    assert left.about == Region(without=(LAST_YEAR,))


def test_what_one_document_says_together_does_not_contradict_itself():
    """Its exceptions were taken when it was read; another document's no still stands."""
    yes, no = replace(YES, document=0), replace(NO, document=0)

    assert decisive([yes, no]) == [yes]
    assert decisive([yes, replace(no, document=1)]) == [replace(no, document=1)]
    assert decisive([yes, replace(no, document=None)]) == [replace(no, document=None)]


@pytest.mark.parametrize(
    ("permitted", "denied", "expected"),
    [
        ("2025-02-01", "2025-01-31", True),
        ("2025-02-01", "2025-02-01", False),
        ("2025-02-01T08:00:00Z", "2025-02-01", False),
        ("2025-02-01", "2025-02", False),
        (None, "2025-02", False),
        ("2025-02-01", None, False),
    ],
)
def test_of_what_may_be_later_the_denial_is_taken_to_be(
    permitted: str | None,
    denied: str | None,
    expected: bool,  # noqa: FBT001
):
    """A date known to the month may be its last day; an undated denial is the last word."""
    documents = [
        consent_from_json({k: v for k, v in one.items() if v is not None})
        for one in (a_consent("permit", dateTime=permitted), a_consent("deny", dateTime=denied))
    ]

    decision = decide_by_consents(a_question(), documents, CombiningAlgorithm.MOST_RECENT)

    assert decision.is_permitted is expected


def test_consents_of_several_people_answer_only_a_question_about_one():
    """Nobody's permission opens somebody else's record."""
    documents = [
        consent_from_json(a_consent(patient={"reference": f"Patient/{name}"})) for name in "ab"
    ]

    about_nobody = decide_by_consents(a_question(patients=frozenset()), documents)
    about_one = decide_by_consents(a_question(patients=frozenset({"Patient/a"})), documents)

    assert {one.reason for one in about_nobody.told} == {ConsentReason.PATIENT_NOT_STATED}
    assert about_one.is_permitted


def test_of_several_people_it_is_not_asked_though_one_consent_names_nobody():
    """In any order: what names nobody says nothing about who the others are."""
    named = [a_consent(patient={"reference": f"Patient/{name}"}) for name in "ab"]
    unnamed = {k: v for k, v in a_consent().items() if k != "patient"}
    documents = [consent_from_json(one) for one in (unnamed, *named)]

    for order in (documents, documents[::-1]):
        decision = decide_by_consents(a_question(patients=frozenset()), order)

        assert {one.reason for one in decision.told} == {ConsentReason.PATIENT_NOT_STATED}
