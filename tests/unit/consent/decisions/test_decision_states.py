"""What a decision on record is now."""

from dataclasses import replace
from datetime import datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.decisions.states import DecisionState, state_of
from consent.model import Proposal, SharingAct, SharingDecision
from tests.support.builders import DAY, NOW, a_permit
from tests.support.strategies import decisions

PAST, FUTURE = NOW - DAY, NOW + DAY
ENDINGS = {
    "invalidated_at": DecisionState.INVALIDATED,
    "superseded_at": DecisionState.SUPERSEDED,
    "withdrawn_at": DecisionState.WITHDRAWN,
    "until": DecisionState.EXPIRED,
    "review_at": DecisionState.DUE_FOR_REVIEW,
}


def test_what_nothing_has_happened_to_is_in_force():
    """Also where it is known when it will end or be looked at again."""
    assert state_of(a_permit(), NOW) is DecisionState.IN_FORCE
    assert state_of(a_permit(until=FUTURE, review_at=FUTURE), NOW) is DecisionState.IN_FORCE


@pytest.mark.parametrize("happened", list(product([True, False], repeat=len(ENDINGS))))
def test_where_several_hold_the_first_of_the_order_is_its_state(happened: tuple[bool, ...]):
    """Invalid before replaced before withdrawn before ended before due."""
    names = [name for name, has in zip(ENDINGS, happened, strict=True) if has]
    decision = a_permit(**dict.fromkeys(names, PAST))

    expected = ENDINGS[names[0]] if names else DecisionState.IN_FORCE
    assert state_of(decision, NOW) is expected


@pytest.mark.parametrize(
    ("field", "state"), [(f, s) for f, s in ENDINGS.items() if f != "invalidated_at"]
)
def test_what_happens_holds_from_its_moment_on(field: str, state: DecisionState):
    """And not before, so that a page can say what was so on a past day."""
    decision = a_permit(**{field: NOW})

    assert state_of(decision, NOW) is state
    assert state_of(decision, PAST) is DecisionState.IN_FORCE


def test_what_one_person_says_waits_until_it_is_confirmed_or_lapses():
    """Then it is in force from that moment on; unconfirmed in time it never comes to be."""
    proposed = Proposal(SharingAct.RECORD, "practitioner:b0", NOW, FUTURE)
    waiting = a_permit(decided_at=NOW, proposed=proposed)
    confirmed = replace(waiting, confirmed_at=NOW + DAY / 2)

    assert state_of(waiting, NOW) is DecisionState.PROPOSED
    assert state_of(waiting, FUTURE) is DecisionState.LAPSED
    assert state_of(confirmed, NOW) is DecisionState.PROPOSED
    assert state_of(confirmed, FUTURE) is DecisionState.IN_FORCE


def test_what_was_in_force_on_one_persons_word_can_be_made_to_wait():
    """It is in force before that, so that what it answered then can be told."""
    stopped = a_permit(proposed=Proposal(SharingAct.RECORD, "practitioner:b0", NOW, FUTURE))

    assert state_of(stopped, PAST) is DecisionState.IN_FORCE
    assert state_of(stopped, NOW) is DecisionState.PROPOSED


def test_what_never_counted_never_was_in_force():
    """Whenever it was found out."""
    decision = a_permit(invalidated_at=FUTURE)

    assert state_of(decision, PAST) is DecisionState.INVALIDATED


@given(decisions, st.sampled_from([PAST, NOW, FUTURE]))
def test_every_decision_is_in_one_state(decision: SharingDecision, at: datetime):
    """With a word for it, and in force only while nothing has ended it."""
    state = state_of(decision, at)

    assert state.label
    assert state.is_in_force == (state.value in {"in-force", "due-for-review"})
