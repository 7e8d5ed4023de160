"""What can be done about sharing, each within one transaction: the decision, its proof, its news.

In: an order (`consent.model.RecordDecision` and others), and ports (`keeping.Deciding`).
Out: the decision as it stands now and the entry that proves it (`keeping.Recorded`).
Rule: what may be recorded at all is in `recording.require_sense`, who may decide in
`deciders.check_decider`, what takes a second hand in `judging.carry_out`, by what it changes
(`effects.widening_of`); what can still be done about a decision is in `states.remedies`.
Errors are DecisionInvalidError(field, reason). Callers commit; nothing may be shown before that.
"""

from consent.decisions.changing import end_decision, invalidate_decision, withdraw_decision
from consent.decisions.keeping import Deciding, Recorded
from consent.decisions.objecting import ObjectTo, object_to
from consent.decisions.recording import record_decision
from consent.decisions.restrictions import place_restriction
from consent.model import RecordDecision

__all__ = [
    "Deciding",
    "ObjectTo",
    "RecordDecision",
    "Recorded",
    "end_decision",
    "invalidate_decision",
    "object_to",
    "place_restriction",
    "record_decision",
    "withdraw_decision",
]
