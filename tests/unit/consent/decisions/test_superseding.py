"""One decision in the place of another."""

from typing import Any

import pytest

from consent import Reason
from consent.circumstances import InvalidationReason
from consent.decisions.changing import invalidate_decision, withdraw_decision
from consent.decisions.states import DecisionState, state_of
from consent.errors import DecisionInvalidError
from consent.ledger.events import LedgerEvent
from consent.model import Response, SharingDecision
from schemas.identifiers import DecisionId
from schemas.vocabulary import Category
from tests.support.builders import DAY, FATHER, NOW
from tests.support.consents.deciding_world import ACTOR, OTHER, WREN, World

WHY = InvalidationReason.RECORDED_WRONGLY


@pytest.fixture
def world() -> World:
    """Give ports of which nothing is known yet."""
    return World()


def _next(world: World, before: SharingDecision, **more: Any) -> SharingDecision:
    world.clock.pass_by(DAY)
    return world.record(supersedes=before.id, **more).decision


def _invalidate(world: World, decision: SharingDecision) -> None:
    world.clock.pass_by(DAY)
    invalidate_decision(decision.id, WHY, actor=ACTOR, deciding=world.deciding)


def test_the_new_stands_and_the_old_says_nothing_more(world: World):
    """Both in one transaction, each with its entry and its news."""
    old = world.record(categories=frozenset({Category.CHILD_HEALTH, Category.EDUCATION})).decision

    new = _next(world, old)

    stands = world.now_stands(old.id)
    assert (stands.superseded_at, stands.superseded_by, stands.version) == (NOW + DAY, new.id, 2)
    assert new.supersedes == old.id
    assert world.entered()[1:] == [
        LedgerEvent.SHARING_DECISION_WRITTEN_DOWN,
        LedgerEvent.SHARING_DECISION_SUPERSEDED,
    ]
    assert len(world.outbox.events) == 3
    assert world.answer().is_permitted
    assert world.answer(category=Category.EDUCATION).reasons == (Reason.NO_DECISION,)


def test_only_its_own_decider_puts_another_in_its_place(world: World):
    """About the same persons, and only while it stands."""
    old = world.record().decision
    withdrawn = world.record().decision
    withdraw_decision(withdrawn.id, actor=ACTOR, deciding=world.deciding)
    invalid = world.record().decision
    _invalidate(world, invalid)
    replaced = world.record().decision
    _next(world, replaced)

    for reason, order in {
        "is-another-deciders": {"supersedes": old.id, "decided_by": FATHER},
        "is-about-others": {"supersedes": old.id, "subjects": (WREN, OTHER)},
        "is-withdrawn": {"supersedes": withdrawn.id},
        "is-invalidated": {"supersedes": invalid.id},
        "is-superseded": {"supersedes": replaced.id},
        "is-not-known": {"supersedes": DecisionId("99" * 16)},
    }.items():
        with pytest.raises(DecisionInvalidError, match=f"supersedes: {reason}"):
            world.record(**order)


def test_what_is_replaced_is_not_withdrawn(world: World):
    """What stands in its place is."""
    old = world.record().decision
    _next(world, old)

    with pytest.raises(DecisionInvalidError, match="decision: is-superseded"):
        withdraw_decision(old.id, actor=ACTOR, deciding=world.deciding)


def test_a_refusal_stands_again_when_what_replaced_it_is_invalid(world: World):
    """Otherwise an error would have made a yes of a no."""
    refusal = world.record(response=Response.REFUSED).decision
    wrong = _next(world, refusal)
    permitted = world.answer()

    _invalidate(world, wrong)

    stands = world.now_stands(refusal.id)
    assert permitted.is_permitted
    assert world.answer().reasons == (Reason.REFUSED,)
    assert state_of(stands, world.clock.now()) is DecisionState.IN_FORCE
    assert stands.superseded_by is None
    (entry,) = world.ledger.of(LedgerEvent.SHARING_DECISION_REINSTATED)
    assert (entry.fields["decision"], entry.fields["because"]) == (refusal.id, wrong.id)


def test_in_a_chain_what_came_after_the_invalid_one_stands_for_what_came_before(world: World):
    """Nothing comes back to life in the middle; without the last one too, the first does."""
    first = world.record(response=Response.REFUSED).decision
    second = _next(world, first)
    third = _next(world, second)

    _invalidate(world, second)
    between = world.now_stands(first.id)
    _invalidate(world, third)

    assert between.superseded_by == third.id
    assert between.superseded_at == NOW + 2 * DAY
    assert world.now_stands(first.id).superseded_at is None
    assert world.answer().reasons == (Reason.REFUSED,)


def test_what_is_invalid_itself_does_not_stand_again(world: World):
    """Nor is anything entered about it."""
    first = world.record(response=Response.REFUSED).decision
    second = _next(world, first)
    _invalidate(world, first)

    _invalidate(world, second)

    assert LedgerEvent.SHARING_DECISION_REINSTATED not in world.entered()
    assert world.answer().reasons == (Reason.NO_DECISION,)


def test_a_permission_stays_withdrawn_when_what_replaced_it_was(world: World):
    """The family said no; that the new one was written down wrongly does not change that."""
    first = world.record().decision
    second = _next(world, first)
    withdraw_decision(second.id, actor=ACTOR, deciding=world.deciding)

    _invalidate(world, second)

    assert world.now_stands(first.id).withdrawn_at == NOW + DAY
    assert world.answer().reasons == (Reason.WITHDRAWN,)


def test_a_past_date_is_answered_as_it_was(world: World):
    """Until the day it was replaced the old one held."""
    old = world.record().decision
    _next(world, old, response=Response.REFUSED)

    assert state_of(world.now_stands(old.id), NOW) is DecisionState.IN_FORCE
    assert state_of(world.now_stands(old.id), NOW + DAY) is DecisionState.SUPERSEDED
