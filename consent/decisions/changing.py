"""How a decision stops: replaced, taken back, ended by whose duty it was, or it never counted."""

from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Any

from consent.circumstances import InvalidationReason
from consent.decisions.judging import Act, carry_out
from consent.decisions.keeping import Changed, Deciding, Recorded, found
from consent.decisions.states import DecisionState, state_of
from consent.errors import DecisionInvalidError
from consent.lawfulness import DUTIES, Basis
from consent.ledger import ledger_entry
from consent.ledger.events import LedgerEvent
from consent.model import DeciderKind, Response, SharingAct, SharingDecision, TakenBack
from consent.ports import Decisions
from schemas.identifiers import DecisionId, PersonId

# One decision in the place of another, and what becomes of that when it never counted.


def replaced_by(
    new: SharingDecision, *, at: datetime, actor: str, deciding: Deciding
) -> list[Changed]:
    """The decision in whose place the new one stands from then on; empty where it names none.

    Where one act had made two of it, both.

    Both rows are locked then: the new one is not yet visible to anybody else. Raises
    DecisionInvalidError for a decision that this one cannot stand for.
    """
    if new.supersedes is None:
        return []
    old = deciding.decisions.find(new.supersedes)
    if old is None:
        raise DecisionInvalidError("supersedes", "is-not-known")
    _require_replaceable(old, new)
    return [
        (
            _became(each, superseded_at=at, superseded_by=new.id),
            ledger_entry(
                LedgerEvent.SHARING_DECISION_SUPERSEDED,
                {"decision": each.id, "subjects": each.subjects, "by": new.id},
                at=at,
                actor=actor,
            ),
        )
        for each in (old, *_tied_to(old, deciding))
    ]


def _tied_to(decision: SharingDecision, deciding: Deciding) -> list[SharingDecision]:
    """The other part of what one act made, while nothing has become of it."""
    other = None if decision.tied_to is None else deciding.decisions.find(decision.tied_to)
    if other is None or any((other.invalidated_at, other.superseded_at, other.withdrawn_at)):
        return []
    return [other]


def _became(decision: SharingDecision, **changed: Any) -> SharingDecision:
    """Its next version; what was asked to become of it besides is settled with that."""
    return replace(decision, version=decision.version + 1, change_asked=None, **changed)


def reinstated_without(
    invalid: SharingDecision, *, at: datetime, actor: str, deciding: Deciding
) -> list[Changed]:
    """What a decision that never counted had replaced, as it stands without it; perhaps nothing.

    Otherwise a refusal would be lost to a permission that was written down in error. What had in
    turn replaced the invalid one stands in the place of both.
    """
    before = _valid_before(invalid, deciding.decisions)
    if before is None or before.superseded_by != invalid.id:
        return []
    kept = _whose_withdrawal_is_kept(before, invalid)
    reinstated = replace(
        before,
        superseded_at=invalid.superseded_at,
        superseded_by=invalid.superseded_by,
        withdrawn_at=kept.withdrawn_at,
        taken_back=kept.taken_back,
        version=before.version + 1,
    )
    entry = ledger_entry(
        LedgerEvent.SHARING_DECISION_REINSTATED,
        {"decision": before.id, "subjects": before.subjects, "because": invalid.id},
        at=at,
        actor=actor,
    )
    return [(reinstated, entry)]


def _require_replaceable(old: SharingDecision, new: SharingDecision) -> None:
    refusals = {
        "is-another-deciders": old.decided_by != new.decided_by,
        "is-about-others": old.subjects != new.subjects,
        # What was said later holds: an older word takes its place by being later in no way.
        "was-decided-later": new.decided_at < old.decided_at,
        "is-invalidated": old.invalidated_at is not None,
        "is-superseded": old.superseded_at is not None,
        "is-withdrawn": old.withdrawn_at is not None,
    }
    for reason, applies in refusals.items():
        if applies:
            raise DecisionInvalidError("supersedes", reason)


def _valid_before(decision: SharingDecision, decisions: Decisions) -> SharingDecision | None:
    """The last that counted, further back where those in between were found invalid before."""
    wanted: DecisionId | None = decision.supersedes
    while wanted is not None:
        before = decisions.find(wanted)
        if before is None or before.invalidated_at is None:
            return before
        wanted = before.supersedes
    return None


def _whose_withdrawal_is_kept(before: SharingDecision, invalid: SharingDecision) -> SharingDecision:
    """A permission does not come to life again after what stood in its place was withdrawn."""
    return invalid if before.response is Response.GIVEN else before


_ALREADY = {
    DecisionState.INVALIDATED: "is-invalidated",
    DecisionState.SUPERSEDED: "is-superseded",
    DecisionState.WITHDRAWN: "is-already-withdrawn",
}


def withdraw_decision(
    decision_id: DecisionId,
    *,
    actor: str,
    deciding: Deciding,
    told: TakenBack | None = None,
    name: str | None = None,
) -> Recorded:
    """Take back, for who made it, what was decided: from now on. Raises DecisionInvalidError.

    A permission that is taken back says no from then on, whatever its ground (UK GDPR Art. 7(3)
    where that is consent); a refusal or objection that is taken back says nothing more. A duty to
    share is nobody's to withdraw: see `end_decision`. `told` is who took it back and how, `name`
    what a parent is called, as it was typed; what is wrong with that holds nothing up.
    """
    named = _with_name(told, name, decision_id, deciding)
    act = withdrawing(decision_id, actor=actor, deciding=deciding, told=named)
    return carry_out(act, deciding=deciding)


def _with_name(
    told: TakenBack | None, name: str | None, decision_id: DecisionId, deciding: Deciding
) -> TakenBack | None:
    """The same by the parent of this name, as sources call them; as it was where it is no name."""
    if told is None or name is None or told.by.kind is not DeciderKind.PARENT:
        return told
    subjects, now = found(decision_id, deciding).subjects, deciding.clock.now()
    try:
        named = deciding.deciders.decider_named(name, subjects, at=now)
    except DecisionInvalidError:
        return told
    return replace(told, by=named)


def end_decision(decision_id: DecisionId, *, actor: str, deciding: Deciding) -> Recorded:
    """End what a practitioner decided or the law demanded: from now on it says nothing more.

    It runs out now, so that what the family itself said counts again. Raises DecisionInvalidError
    for what rests on consent, which is the family's to withdraw, and for what no longer holds.
    """
    return carry_out(ending(decision_id, actor=actor, deciding=deciding), deciding=deciding)


def end_when_served(decision_id: DecisionId, *, actor: str, deciding: Deciding) -> Recorded:
    """End what a family agreed to for one end that is reached, or will not be: from now on.

    It runs out now, as it would have by itself: nobody took it back. Raises DecisionInvalidError
    for what is no permission by consent, and for what no longer holds.
    """
    now = deciding.clock.now()
    decision = found(decision_id, deciding)
    if decision.response is not Response.GIVEN or decision.basis is not Basis.CONSENT:
        raise DecisionInvalidError("decision", "is-no-consent")
    act = Act(SharingAct.END, _ended(decision, now, actor, deciding), actor)
    return carry_out(act, deciding=deciding)


def invalidate_decision(
    decision_id: DecisionId, reason: InvalidationReason, *, actor: str, deciding: Deciding
) -> Recorded:
    """Mark as never counted what was recorded in error; this cannot be undone.

    Also what was withdrawn, replaced or has run out. What it had replaced stands again. Raises
    DecisionInvalidError when there is no such decision or it is invalid already.
    """
    act = invalidating(decision_id, reason, actor=actor, deciding=deciding)
    return carry_out(act, deciding=deciding)


# What each of them would make of the decision, before it is judged.


def withdrawing(
    decision_id: DecisionId, *, actor: str, deciding: Deciding, told: TakenBack | None = None
) -> Act:
    """To withdraw it, as it was told. Raises DecisionInvalidError."""
    now = deciding.clock.now()
    decision = found(decision_id, deciding)
    _require_withdrawable(decision, now)
    changed = [
        (
            _became(each, withdrawn_at=now, taken_back=told),
            ledger_entry(
                LedgerEvent.SHARING_DECISION_WITHDRAWN,
                {"decision": each.id, "subjects": each.subjects},
                at=now,
                actor=actor,
            ),
        )
        for each in (decision, *_tied_to(decision, deciding))
    ]
    return Act(SharingAct.WITHDRAW, changed, actor)


def ending(decision_id: DecisionId, *, actor: str, deciding: Deciding) -> Act:
    """To end it. Raises DecisionInvalidError."""
    now = deciding.clock.now()
    decision = found(decision_id, deciding)
    if decision.basis is Basis.CONSENT:
        raise DecisionInvalidError("decision", "rests-on-consent")
    return Act(SharingAct.END, _ended(decision, now, actor, deciding), actor)


def _ended(
    decision: SharingDecision, now: datetime, actor: str, deciding: Deciding
) -> list[Changed]:
    require_in_force(decision, now)
    return [
        (
            _became(each, until=now),
            ledger_entry(
                LedgerEvent.SHARING_DECISION_ENDED,
                {"decision": each.id, "subjects": each.subjects, "basis": each.basis},
                at=now,
                actor=actor,
            ),
        )
        for each in (decision, *_tied_to(decision, deciding))
    ]


def invalidating(
    decision_id: DecisionId, reason: InvalidationReason, *, actor: str, deciding: Deciding
) -> Act:
    """To mark it as invalid. Raises DecisionInvalidError."""
    now = deciding.clock.now()
    decision = found(decision_id, deciding)
    if decision.invalidated_at is not None:
        raise DecisionInvalidError("decision", "is-already-invalidated")
    changed = [
        (
            _became(each, invalidated_at=now, invalidated_because=reason),
            ledger_entry(
                LedgerEvent.SHARING_DECISION_INVALIDATED,
                {"decision": each.id, "subjects": each.subjects, "reason": reason},
                at=now,
                actor=actor,
            ),
        )
        for each in (decision, *_tied_to(decision, deciding))
    ]
    reinstated = reinstated_without(changed[0][0], at=now, actor=actor, deciding=deciding)
    return Act(SharingAct.INVALIDATE, [*changed, *reinstated], actor, because=reason)


def require_in_force(decision: SharingDecision, at: datetime) -> None:
    """Refuse a decision that does not hold any more. Raises DecisionInvalidError."""
    state = state_of(decision, at)
    if not state.is_in_force:
        raise DecisionInvalidError("decision", _ALREADY.get(state, "has-ended"))


def _require_withdrawable(decision: SharingDecision, at: datetime) -> None:
    already = _ALREADY.get(state_of(decision, at))
    if already is not None:
        raise DecisionInvalidError("decision", already)
    if decision.response is Response.GIVEN and decision.basis in DUTIES:
        raise DecisionInvalidError("decision", "is-a-duty")


# What can be objected to (UK GDPR Art. 21(1)): consent is withdrawn, a duty stands.


def require_objectable(
    decision: SharingDecision, subjects: AbstractSet[PersonId], at: datetime
) -> None:
    """Refuse an objection that the law does not know, or about somebody else.

    Raises DecisionInvalidError.
    """
    if decision.response is not Response.GIVEN:
        raise DecisionInvalidError("decision", "shares-nothing")
    if decision.basis in DUTIES:
        raise DecisionInvalidError("decision", "is-a-duty")
    if decision.basis is Basis.CONSENT:
        raise DecisionInvalidError("decision", "rests-on-consent")
    if not subjects <= decision.subjects:
        raise DecisionInvalidError("subject", "is-not-whom-it-is-about")
    require_in_force(decision, at)
