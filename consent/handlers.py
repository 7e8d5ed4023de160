"""What can be done about sharing, each within one transaction: the decision, its proof, its news.

Errors are DecisionInvalidError(field, reason). Callers commit; nothing may be shown before that.
"""

from consent.ending import end_decision, invalidate_decision, withdraw_decision
from consent.keeping import Deciding, Recorded
from consent.objecting import ObjectTo, object_to
from consent.orders import RecordDecision
from consent.recording import record_decision
from consent.restricting import place_restriction

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
