"""What a decision on record is now: the word for it on pages, in receipts and on command lines.

It describes and decides nothing; what follows from a decision is for `decide` to say.
"""

from datetime import datetime

from consent.model import SharingDecision
from consent.standing import has_expired, is_superseded, is_withdrawn
from schemas.vocabulary import LabelledCode


class DecisionState(LabelledCode):
    """What a decision is at a moment after it was made."""

    IN_FORCE = "in-force", "In force"
    DUE_FOR_REVIEW = "due-for-review", "In force, due for review"
    EXPIRED = "expired", "Ended"
    WITHDRAWN = "withdrawn", "Withdrawn"
    SUPERSEDED = "superseded", "Replaced"
    INVALIDATED = "invalidated", "Marked as invalid"

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
    # (4) Run out, or ended by the practitioner whose duty it was.
    if has_expired(decision, at):
        return DecisionState.EXPIRED
    # (5) In force; time to ask again.
    if decision.review_at is not None and decision.review_at <= at:
        return DecisionState.DUE_FOR_REVIEW
    return DecisionState.IN_FORCE
