"""What a decision on record is now, and what can be done about it: words for pages and commands.

It describes and decides nothing; what follows from a decision is for `decide` to say.
"""

from datetime import datetime

from consent.deciding.standing import (
    has_expired,
    is_only_proposed,
    is_superseded,
    is_withdrawn,
)
from consent.lawfulness import DUTIES, Basis
from consent.model import DeciderKind, Proposal, Response, SharingDecision
from schemas.vocabulary import LabelledCode


class DecisionState(LabelledCode):
    """What a decision is at a moment after it was made."""

    IN_FORCE = "in-force", "In force"
    DUE_FOR_REVIEW = "due-for-review", "In force, due for review"
    EXPIRED = "expired", "Ended"
    WITHDRAWN = "withdrawn", "Withdrawn"
    SUPERSEDED = "superseded", "Replaced"
    INVALIDATED = "invalidated", "Marked as invalid"
    PROPOSED = "proposed", "Waiting to be confirmed"
    LAPSED = "lapsed", "Not confirmed in time"

    @property
    def is_in_force(self) -> bool:
        """Whether the decision still says something of its own."""
        return self in {DecisionState.IN_FORCE, DecisionState.DUE_FOR_REVIEW}


def state_of(decision: SharingDecision, at: datetime) -> DecisionState:
    """What the decision is at that time, which is not before it was made.

    Where several hold, the first of these, in the order in which `decide` asks:
    """
    # (1) Recorded in error: it never counted, at whatever time that was found out.
    if decision.invalidated_at is not None:
        return DecisionState.INVALIDATED
    # (2) Replaced: what was said in its place counts, also a withdrawal of that.
    if is_superseded(decision, at):
        return DecisionState.SUPERSEDED
    # (3) Withdrawn: that stands after the day the decision would have run out by itself.
    if is_withdrawn(decision, at):
        return DecisionState.WITHDRAWN
    # (4) Nobody but who recorded it has said so: it says nothing yet, or never came to.
    if decision.proposed is not None and is_only_proposed(decision, at):
        is_open = decision.proposed.is_open(at)
        return DecisionState.PROPOSED if is_open else DecisionState.LAPSED
    # (5) Run out, or ended by the practitioner whose duty it was.
    if has_expired(decision, at):
        return DecisionState.EXPIRED
    # (6) In force; time to ask again.
    is_due = decision.ask_again_at <= at
    return DecisionState.DUE_FOR_REVIEW if is_due else DecisionState.IN_FORCE


def waiting_for(decision: SharingDecision, at: datetime) -> Proposal | None:
    """What waits for a second hand about it at that time: itself, or what is to become of it."""
    asked = decision.change_asked
    if asked is not None and asked.is_open(at):
        return asked
    return decision.proposed if state_of(decision, at) is DecisionState.PROPOSED else None


def is_unconfirmed_no(decision: SharingDecision, at: datetime) -> bool:
    """Whether it is a no in force about which nobody who works with the family has asked it."""
    is_no = decision.response not in {Response.GIVEN, Response.NOT_ASKED}
    return is_no and decision.confirmed_at is None and state_of(decision, at).is_in_force


# What can be done about a decision. This offers; the use cases hold. Where it offers nothing, a
# family is told why in plain words.


class Remedy(LabelledCode):
    """One thing that can be done about a decision."""

    CONFIRM = "confirm", "Confirm"
    WITHDRAW = "withdraw", "Withdraw"
    OBJECT = "object", "Object"
    END = "end", "End"
    REPLACE = "replace", "Replace with a new decision"
    INVALIDATE = "invalidate", "Mark as invalid"


def remedies(decision: SharingDecision, at: datetime) -> tuple[Remedy, ...]:
    """What can be done about it at that time, in the order of the list above."""
    if decision.invalidated_at is not None:
        return ()
    state = state_of(decision, at)
    if state is DecisionState.PROPOSED:
        return (Remedy.CONFIRM, Remedy.WITHDRAW, Remedy.INVALIDATE)
    if not state.is_in_force:
        return (Remedy.INVALIDATE,)
    can_end = _is_a_practitioners(decision)
    offered = {
        Remedy.CONFIRM: waiting_for(decision, at) is not None or is_unconfirmed_no(decision, at),
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
