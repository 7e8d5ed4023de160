"""Sharing decisions as the consent page lists them."""

from datetime import datetime

from consent.model import SharingDecision
from consent.standing import has_expired, is_withdrawn
from services.portal.ports import DecisionSummary


def summary_of(decision: SharingDecision, at: datetime) -> DecisionSummary:
    """One line of the list, with the state it is in at that time."""
    return DecisionSummary(
        decision_id=decision.id,
        response=decision.response,
        basis=decision.basis,
        categories=tuple(sorted(decision.categories)),
        purposes=tuple(sorted(decision.purposes)),
        recipients=tuple(sorted(decision.recipients)),
        sources=tuple(sorted(decision.sources)),
        decider_kind=decision.decided_by.kind,
        decider_reference=decision.decided_by.reference,
        decided_at=decision.decided_at,
        until=decision.until,
        withdrawn_at=decision.withdrawn_at,
        state=_state(decision, at),
    )


def _state(decision: SharingDecision, at: datetime) -> str:
    if decision.invalidated_at is not None:
        return "invalid"
    if is_withdrawn(decision, at):
        return "withdrawn"
    return "expired" if has_expired(decision, at) else "in-force"
