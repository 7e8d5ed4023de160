"""Verdicts that disagree, combined."""

from datetime import UTC, datetime, timedelta

import pytest

from consent.fhir import consent_from_json, decide_by_consents
from consent.fhir.answering import ConsentReason
from consent.fhir.deciding import CombiningAlgorithm, Verdict, combine
from consent.question import Effect
from tests.support.consents.asking_consents import a_question
from tests.support.consents.fhir_consents import a_consent

DAY = timedelta(days=1)
THEN = datetime(2026, 1, 1, tzinfo=UTC)
YES, NO = Effect.PERMIT, Effect.DENY


@pytest.mark.parametrize("algorithm", CombiningAlgorithm)
def test_nothing_said_means_no(algorithm: CombiningAlgorithm):
    """Trivially false."""
    assert combine(algorithm, []) is NO


@pytest.mark.parametrize(
    ("verdicts", "expected"),
    [
        ([Verdict(YES, THEN)], (YES, YES, YES)),
        ([Verdict(NO, THEN)], (NO, NO, NO)),
        ([Verdict(NO, THEN), Verdict(YES, THEN + DAY)], (NO, YES, YES)),
        ([Verdict(YES, THEN), Verdict(NO, THEN + DAY)], (NO, NO, YES)),
        ([Verdict(YES, THEN), Verdict(NO, THEN)], (NO, NO, YES)),
    ],
)
def test_each_algorithm_has_its_own_winner(
    verdicts: list[Verdict], expected: tuple[Effect, Effect, Effect]
):
    """deny-overrides, most-recent, permit-overrides; in any order."""
    forwards = tuple(combine(algorithm, verdicts) for algorithm in CombiningAlgorithm)
    backwards = tuple(combine(algorithm, verdicts[::-1]) for algorithm in CombiningAlgorithm)

    assert forwards == backwards == expected


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
