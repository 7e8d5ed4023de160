"""What can be objected to (UK GDPR Art. 21(1)): consent is withdrawn, a duty stands."""

from collections.abc import Set as AbstractSet
from datetime import datetime

from consent.ending import require_in_force
from consent.errors import DecisionInvalidError
from consent.lawfulness import DUTIES, Basis
from consent.model import Response, SharingDecision
from schemas.identifiers import PersonId


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
