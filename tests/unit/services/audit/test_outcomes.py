"""What a review may find, and who may find it."""

import pytest

from services.audit.outcomes import (
    MAY_BE_BECAUSE,
    FoundBecause,
    Outcome,
    ReviewHand,
    ReviewRefusal,
    ReviewStanding,
    Step,
    found,
    may_review,
    moved,
)

NORTH, SOUTH = frozenset({"north"}), frozenset({"south"})
WORKER = ReviewHand("practitioner:worker", "RY4", NORTH)
OFFICER = ReviewHand("practitioner:officer", "E06")
OTHER = ReviewHand("practitioner:other", "E06")


def _same(one: str, other: str) -> bool:
    return one == other or {one, other} == {"practitioner:worker", "practitioner:same-human"}


def _finds(
    standing: ReviewStanding,
    outcome: Outcome,
    because: FoundBecause,
    by: ReviewHand = OFFICER,
) -> ReviewStanding | ReviewRefusal:
    return found(standing, outcome, because, by=by, about=WORKER, are_one=_same)


@pytest.mark.parametrize("outcome", [one for one in Outcome if one is not Outcome.BREACH])
def test_one_reviewer_closes_what_is_no_breach(outcome: Outcome) -> None:
    """With any of the reasons that go with it, and none of the others."""
    for because in FoundBecause:
        closed = _finds(ReviewStanding(), outcome, because)

        if because in MAY_BE_BECAUSE[outcome]:
            assert isinstance(closed, ReviewStanding)
            assert (closed.step, closed.outcome) == (Step.CLOSED, outcome)
            assert closed.closed_by == OFFICER.actor
        else:
            assert closed is ReviewRefusal.WRONG_REASON


def test_every_reason_goes_with_one_outcome() -> None:
    """So that a reason tells what was found."""
    every = [because for reasons in MAY_BE_BECAUSE.values() for because in reasons]

    assert sorted(every) == sorted(FoundBecause)


def test_a_breach_stands_once_somebody_else_says_so_too() -> None:
    """The first waits, and cannot be the second by another word either."""
    first = _finds(ReviewStanding(), Outcome.BREACH, FoundBecause.CURIOSITY)
    assert isinstance(first, ReviewStanding)

    again = _finds(first, Outcome.BREACH, FoundBecause.CURIOSITY)
    otherwise = _finds(first, Outcome.JUSTIFIED, FoundBecause.CASE_LOAD)
    second = _finds(first, Outcome.BREACH, FoundBecause.OWN_FAMILY, by=OTHER)

    assert (first.step, first.closed_by) == (Step.SECOND_WANTED, None)
    assert (again, otherwise) == (ReviewRefusal.SAME_HAND, ReviewRefusal.SAME_HAND)
    assert isinstance(second, ReviewStanding)
    assert (second.step, second.found_by, second.closed_by) == (
        Step.CLOSED,
        OFFICER.actor,
        OTHER.actor,
    )


def test_the_second_may_find_something_else() -> None:
    """Two have looked, and what the second says closes it."""
    first = _finds(ReviewStanding(), Outcome.BREACH, FoundBecause.CURIOSITY)
    assert isinstance(first, ReviewStanding)

    second = _finds(first, Outcome.TRAINING, FoundBecause.OPENED_BY_MISTAKE, by=OTHER)

    assert isinstance(second, ReviewStanding)
    assert (second.step, second.outcome) == (Step.CLOSED, Outcome.TRAINING)


def test_nobody_reviews_themselves_by_whichever_account() -> None:
    """One human being's accounts are one."""
    same_human = ReviewHand("practitioner:same-human", "E06")

    assert may_review(WORKER, WORKER, are_one=_same) is ReviewRefusal.OWN
    assert may_review(same_human, WORKER, are_one=_same) is ReviewRefusal.OWN


def test_nobody_reviews_their_own_team() -> None:
    """Where a list of staff tells both teams; the agency alone is not a team."""
    colleague = ReviewHand("practitioner:colleague", "RY4", SOUTH | NORTH)
    elsewhere = ReviewHand("practitioner:colleague", "RY4", SOUTH)

    assert may_review(colleague, WORKER, are_one=_same) is ReviewRefusal.OWN_TEAM
    assert may_review(elsewhere, WORKER, are_one=_same) is None
    assert may_review(ReviewHand("practitioner:x", "RY4"), WORKER, are_one=_same) is None
    assert may_review(WORKER, None, are_one=_same) is None


def test_what_is_closed_or_waits_for_a_second_is_not_moved() -> None:
    """A step back would take the first reviewer's word away."""
    closed = _finds(ReviewStanding(), Outcome.JUSTIFIED, FoundBecause.CASE_LOAD)
    waiting = _finds(ReviewStanding(), Outcome.BREACH, FoundBecause.CURIOSITY)
    assert isinstance(closed, ReviewStanding)
    assert isinstance(waiting, ReviewStanding)

    assert moved(closed, Step.LOOKING) is ReviewRefusal.NOT_OPEN
    assert moved(waiting, Step.LOOKING) is ReviewRefusal.NOT_OPEN
    assert moved(ReviewStanding(), Step.CLOSED) is ReviewRefusal.NOT_OPEN
    asked = moved(ReviewStanding(), Step.ASKED_WORKER)
    assert isinstance(asked, ReviewStanding)
    assert (asked.step, asked.state) == (Step.ASKED_WORKER, 2)
    assert _finds(closed, Outcome.JUSTIFIED, FoundBecause.CASE_LOAD) is ReviewRefusal.NOT_OPEN
