"""What may be done about a decision that is on record, and by whom.

It offers; the handlers hold. Where it offers nothing, a family is told why in plain words.
"""

from datetime import datetime

from consent.decision_states import state_of
from consent.lawfulness import DUTIES, Basis
from consent.model import DeciderKind, Response, SharingDecision
from schemas.vocabulary import LabelledCode


class Remedy(LabelledCode):
    """One thing that can be done about a decision."""

    WITHDRAW = "withdraw", "Withdraw"
    OBJECT = "object", "Object"
    END = "end", "End"
    REPLACE = "replace", "Replace with a new decision"
    INVALIDATE = "invalidate", "Mark as invalid"


def remedies(decision: SharingDecision, at: datetime) -> tuple[Remedy, ...]:
    """What can be done about it at that time, in the order of the list above."""
    if decision.invalidated_at is not None:
        return ()
    if not state_of(decision, at).is_in_force:
        return (Remedy.INVALIDATE,)
    can_end = _is_a_practitioners(decision)
    offered = {
        Remedy.WITHDRAW: not can_end,
        Remedy.OBJECT: is_shared_as(decision, Basis.PUBLIC_TASK),
        Remedy.END: can_end,
        Remedy.REPLACE: True,
        Remedy.INVALIDATE: True,
    }
    return tuple(remedy for remedy, is_offered in offered.items() if is_offered)


def is_shared_as(decision: SharingDecision, *bases: Basis) -> bool:
    """Whether it is a permission that rests on one of these grounds."""
    return decision.response is Response.GIVEN and decision.basis in bases


def _is_a_practitioners(decision: SharingDecision) -> bool:
    """Whether it is for practitioners to end: their own decision, or a duty, whoever told it."""
    is_theirs = decision.decided_by.kind is DeciderKind.PRACTITIONER
    is_without_consent = decision.basis is not Basis.CONSENT
    return is_shared_as(decision, *DUTIES) or (is_theirs and is_without_consent)
