"""Withdrawing, ending and marking as invalid."""

from typing import Any

import pytest

from consent import Reason
from consent.circumstances import InvalidationReason
from consent.decisions.changing import end_decision, invalidate_decision, withdraw_decision
from consent.decisions.states import DecisionState, state_of
from consent.errors import DecisionInvalidError
from consent.lawfulness import Basis, Gateway
from consent.ledger.events import LedgerEvent
from consent.model import DeciderKind, Response
from schemas.envelope import EventType
from schemas.identifiers import DecisionId
from schemas.vocabulary import Purpose, Source
from tests.support.builders import DAY, FATHER, NOW, SOCIAL_WORKER
from tests.support.consents.deciding_world import ACTOR, World

UNKNOWN = DecisionId("99" * 16)
DUTY = {
    "basis": Basis.LEGAL_OBLIGATION,
    "gateways": frozenset({Gateway.CHILDREN_ACT_2004_S11}),
    "decided_by": SOCIAL_WORKER,
    "purposes": frozenset({Purpose.SAFEGUARDING}),
    "sources": frozenset({Source.SOCIAL_CARE}),
    "recipients": frozenset({"agency:health-visiting", "agency:schools"}),
}
PUBLIC_TASK = {"basis": Basis.PUBLIC_TASK, "decided_by": SOCIAL_WORKER}


@pytest.fixture
def world() -> World:
    """Give ports of which nothing is known yet."""
    return World()


@pytest.mark.parametrize("more", [{}, {"basis": Basis.PUBLIC_TASK}, PUBLIC_TASK])
def test_what_is_withdrawn_says_no_from_then_on(world: World, more: dict[str, Any]):
    """Whatever the ground: a family that takes back its agreement is not shared about."""
    recorded = world.record(**more)
    permitted = world.answer()
    world.clock.pass_by(DAY)

    withdrawn = withdraw_decision(recorded.decision.id, actor=ACTOR, deciding=world.deciding)

    assert permitted.is_permitted
    assert world.answer().reasons == (Reason.WITHDRAWN,)
    assert state_of(withdrawn.decision, world.clock.now()) is DecisionState.WITHDRAWN


def test_an_objection_is_taken_back_like_anything_else(world: World):
    """What it objected to holds again."""
    world.record(**PUBLIC_TASK)
    objected = world.record(response=Response.OBJECTED, basis=Basis.PUBLIC_TASK)
    refused = world.answer()

    withdraw_decision(objected.decision.id, actor=ACTOR, deciding=world.deciding)

    assert refused.reasons == (Reason.OBJECTED,)
    assert world.answer().is_permitted


def test_a_duty_is_not_the_familys_to_withdraw(world: World):
    """The error says so, and nothing changes."""
    recorded = world.record(**DUTY)

    with pytest.raises(DecisionInvalidError, match="decision: is-a-duty"):
        withdraw_decision(recorded.decision.id, actor=ACTOR, deciding=world.deciding)

    assert world.now_stands(recorded.decision.id) == recorded.decision
    assert world.entered() == [LedgerEvent.SHARING_DECISION_WRITTEN_DOWN]


def test_a_duty_is_ended_by_who_it_binds_and_then_says_nothing(world: World):
    """What the family said counts again: it ended, nobody took anything back."""
    recorded = world.record(**DUTY)
    world.record(purposes=frozenset({Purpose.SAFEGUARDING}))
    world.clock.pass_by(DAY)
    asked = {"purpose": Purpose.SAFEGUARDING, "source": Source.SOCIAL_CARE}
    before = world.answer(**asked)

    ended = end_decision(recorded.decision.id, actor=ACTOR, deciding=world.deciding)

    (entry,) = world.ledger.of(LedgerEvent.SHARING_DECISION_ENDED)
    assert entry.fields["basis"] == Basis.LEGAL_OBLIGATION
    assert before.reasons == (Reason.DUTY,)
    assert world.answer(**asked).reasons == (Reason.CONSENT,)
    assert state_of(ended.decision, NOW + DAY) is DecisionState.EXPIRED
    assert (ended.decision.until, ended.decision.version) == (NOW + DAY, 2)


def test_consent_is_the_familys_to_end(world: World):
    """And what has ended ends only once."""
    consent, task = world.record(), world.record(**PUBLIC_TASK)
    end_decision(task.decision.id, actor=ACTOR, deciding=world.deciding)

    for decision, reason in (
        (consent.decision.id, "rests-on-consent"),
        (task.decision.id, "has-ended"),
        (UNKNOWN, "is-not-known"),
    ):
        with pytest.raises(DecisionInvalidError, match=f"decision: {reason}"):
            end_decision(decision, actor=ACTOR, deciding=world.deciding)


def test_what_is_invalid_never_counted(world: World):
    """Not before either; the entry has the reason, and the news makes purges and resends."""
    recorded = world.record()
    world.clock.pass_by(DAY)

    invalid = invalidate_decision(
        recorded.decision.id,
        InvalidationReason.WRONG_PERSON,
        actor=ACTOR,
        deciding=world.deciding,
    )

    (entry,) = world.ledger.of(LedgerEvent.SHARING_DECISION_INVALIDATED)
    assert entry.entry_id == invalid.entry_id
    assert entry.fields["reason"] == "wrong-person"
    assert invalid.decision.invalidated_because is InvalidationReason.WRONG_PERSON
    assert world.answer().reasons == (Reason.NO_DECISION,)
    assert [news.type for news in world.outbox.events] == [EventType.DECISION_CHANGED] * 2


def test_an_invalid_refusal_lets_others_speak_again(world: World):
    """It was written down wrongly: what the other parent agreed to holds."""
    world.record(decided_by=FATHER)
    refusal = world.record(response=Response.REFUSED)
    before = world.answer()

    invalidate_decision(
        refusal.decision.id,
        InvalidationReason.RECORDED_WRONGLY,
        actor=ACTOR,
        deciding=world.deciding,
    )

    assert before.reasons == (Reason.REFUSED,)
    assert world.answer().is_permitted


def test_what_was_withdrawn_can_be_invalid_but_never_twice(world: World):
    """It cannot be undone: neither is an invalid decision withdrawn or ended."""
    recorded = world.record(**PUBLIC_TASK).decision.id
    withdraw_decision(recorded, actor=ACTOR, deciding=world.deciding)
    reason = InvalidationReason.NO_RESPONSIBILITY
    invalid = invalidate_decision(recorded, reason, actor=ACTOR, deciding=world.deciding)

    assert state_of(invalid.decision, NOW) is DecisionState.INVALIDATED
    with pytest.raises(DecisionInvalidError, match="is-already-invalidated"):
        invalidate_decision(recorded, reason, actor=ACTOR, deciding=world.deciding)
    with pytest.raises(DecisionInvalidError, match="is-invalidated"):
        withdraw_decision(recorded, actor=ACTOR, deciding=world.deciding)
    with pytest.raises(DecisionInvalidError, match="is-invalidated"):
        end_decision(recorded, actor=ACTOR, deciding=world.deciding)
    with pytest.raises(DecisionInvalidError, match="is-not-known"):
        invalidate_decision(UNKNOWN, reason, actor=ACTOR, deciding=world.deciding)


def test_who_decided_does_not_change_with_what_becomes_of_it(world: World):
    """Only what has become of it is new in the next version."""
    recorded = world.record()

    withdrawn = withdraw_decision(recorded.decision.id, actor=ACTOR, deciding=world.deciding)

    assert withdrawn.decision.decided_by.kind is DeciderKind.PARENT
    assert withdrawn.decision.circumstances == recorded.decision.circumstances
