"""The ways in which a decision stops: taken back, ended by whose duty it was, or never counted."""

from dataclasses import replace
from datetime import datetime

from consent.circumstances import InvalidationReason
from consent.decision_states import DecisionState, state_of
from consent.errors import DecisionInvalidError
from consent.keeping import Deciding, Recorded, found, keep
from consent.lawfulness import DUTIES, Basis
from consent.ledger import ledger_entry
from consent.ledger_events import LedgerEvent
from consent.model import Response, SharingDecision
from consent.superseding import reinstated_without
from schemas.identifiers import DecisionId

_ALREADY = {
    DecisionState.INVALIDATED: "is-invalidated",
    DecisionState.SUPERSEDED: "is-superseded",
    DecisionState.WITHDRAWN: "is-already-withdrawn",
}


def withdraw_decision(decision_id: DecisionId, *, actor: str, deciding: Deciding) -> Recorded:
    """Take back, for who made it, what was decided: from now on. Raises DecisionInvalidError.

    A permission that is taken back says no from then on, whatever its ground (UK GDPR Art. 7(3)
    where that is consent); a refusal or objection that is taken back says nothing more. A duty to
    share is nobody's to withdraw: see `end_decision`.
    """
    now = deciding.clock.now()
    decision = found(decision_id, deciding)
    _require_withdrawable(decision, now)
    withdrawn = replace(decision, withdrawn_at=now, version=decision.version + 1)
    entry = ledger_entry(
        LedgerEvent.SHARING_DECISION_WITHDRAWN,
        {"decision": decision.id, "subjects": decision.subjects},
        at=now,
        actor=actor,
    )
    return keep([(withdrawn, entry)], deciding=deciding)


def end_decision(decision_id: DecisionId, *, actor: str, deciding: Deciding) -> Recorded:
    """End what a practitioner decided or the law demanded: from now on it says nothing more.

    It runs out now, so that what the family itself said counts again. Raises DecisionInvalidError
    for what rests on consent, which is the family's to withdraw, and for what no longer holds.
    """
    now = deciding.clock.now()
    decision = found(decision_id, deciding)
    if decision.basis is Basis.CONSENT:
        raise DecisionInvalidError("decision", "rests-on-consent")
    require_in_force(decision, now)
    ended = replace(decision, until=now, version=decision.version + 1)
    entry = ledger_entry(
        LedgerEvent.SHARING_DECISION_ENDED,
        {"decision": decision.id, "subjects": decision.subjects, "basis": decision.basis},
        at=now,
        actor=actor,
    )
    return keep([(ended, entry)], deciding=deciding)


def invalidate_decision(
    decision_id: DecisionId, reason: InvalidationReason, *, actor: str, deciding: Deciding
) -> Recorded:
    """Mark as never counted what was recorded in error; this cannot be undone.

    Also what was withdrawn, replaced or has run out. What it had replaced stands again. Raises
    DecisionInvalidError when there is no such decision or it is invalid already.
    """
    now = deciding.clock.now()
    decision = found(decision_id, deciding)
    if decision.invalidated_at is not None:
        raise DecisionInvalidError("decision", "is-already-invalidated")
    invalid = replace(
        decision, invalidated_at=now, invalidated_because=reason, version=decision.version + 1
    )
    entry = ledger_entry(
        LedgerEvent.SHARING_DECISION_INVALIDATED,
        {"decision": decision.id, "subjects": decision.subjects, "reason": reason},
        at=now,
        actor=actor,
    )
    reinstated = reinstated_without(invalid, at=now, actor=actor, deciding=deciding)
    return keep([(invalid, entry), *reinstated], deciding=deciding)


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
