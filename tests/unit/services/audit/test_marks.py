"""What marks a decision as one to look at: what is on record, and nothing that is over."""

from dataclasses import replace

import pytest

from consent.circumstances import Circumstances
from consent.lawfulness import Basis
from consent.model import Proposal, SharingAct, SharingDecision
from services.audit.decisions.marks import DecisionMark, marks_of
from tests.support.builders import (
    DAY,
    FATHER,
    MOTHER,
    NOW,
    SIBLING,
    YOUNG_PERSON,
    a_duty,
    a_permit,
    a_refusal,
)

_WITH_NOTICE = Circumstances(notice_version="2026-03")
_PLAIN = a_permit(circumstances=_WITH_NOTICE, confirmed_at=NOW)


def _marks(decision: SharingDecision, *others: SharingDecision) -> set[DecisionMark]:
    return {row.mark for row in marks_of(decision, [decision, *others])}


def test_one_that_is_in_order_has_no_mark() -> None:
    """On consent, with its notice, confirmed, without an end."""
    assert _marks(_PLAIN) == set()


@pytest.mark.parametrize(
    ("changes", "mark"),
    [
        ({"circumstances": Circumstances()}, DecisionMark.NO_NOTICE),
        ({"confirmed_at": None}, DecisionMark.ONE_PERSONS_WORD),
        ({"until": NOW + DAY}, DecisionMark.ENDS),
        ({"decided_by": YOUNG_PERSON}, DecisionMark.YOUNG_PERSON),
        ({"withdrawn_at": NOW}, DecisionMark.WITHDRAWN),
    ],
)
def test_each_mark_is_of_what_is_on_record(changes: dict[str, object], mark: DecisionMark) -> None:
    """One thing that differs, one mark."""
    assert _marks(replace(_PLAIN, **changes)) == {mark}  # type: ignore[arg-type] # by name


def test_public_task_needs_no_notice_of_consent() -> None:
    """The mark is of consent alone."""
    assert _marks(replace(_PLAIN, basis=Basis.PUBLIC_TASK, circumstances=Circumstances())) == set()


def test_somebody_elses_no_disputes_it_and_ones_own_does_not() -> None:
    """About the same person, the same category and to the same end."""
    theirs = a_refusal(decided_by=FATHER)

    assert _marks(_PLAIN, theirs) == {DecisionMark.DISPUTED}
    assert _marks(_PLAIN, a_refusal(decided_by=MOTHER)) == set()
    assert _marks(_PLAIN, replace(theirs, subjects=frozenset({SIBLING}))) == set()
    assert _marks(_PLAIN, replace(theirs, withdrawn_at=NOW)) == set()


def test_a_duty_beside_consent_is_marked() -> None:
    """Consent asks for what would be shared anyhow."""
    duty = a_duty(category=next(iter(_PLAIN.categories)), id="d9" * 16)

    assert _marks(_PLAIN, duty) == {DecisionMark.DUTY_EXISTS}


def test_what_is_only_proposed_is_marked_until_it_lapses() -> None:
    """And not as one that permits: it permits nothing yet."""
    waits = Proposal(SharingAct.RECORD, "practitioner:x", NOW, NOW + 14 * DAY)
    proposed = replace(_PLAIN, proposed=waits, confirmed_at=None, circumstances=Circumstances())

    (row,) = marks_of(proposed, [proposed])

    assert (row.mark, row.at, row.until) == (DecisionMark.PROPOSED, waits.until, waits.until)


@pytest.mark.parametrize("over", ["withdrawn_at", "superseded_at", "invalidated_at"])
def test_one_that_is_over_has_no_mark_of_a_standing_one(over: str) -> None:
    """Nobody has to look at its notice any more."""
    ended = replace(a_permit(until=NOW + DAY), **{over: NOW})  # type: ignore[arg-type] # by name

    assert _marks(ended) <= {DecisionMark.WITHDRAWN}
