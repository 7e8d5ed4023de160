"""What pages ask about consent receipts. Implemented beside the other services of the pages."""

from typing import Protocol

from schemas.identifiers import DecisionId
from services.aggregation.profile import ProfileRefused
from services.portal.people import SignedInPractitioner


class ReceiptServices(Protocol):
    """One transaction a call; see ports.PortalServices for what that promises."""

    def receipt(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> bytes | ProfileRefused | None:
        """Issue the signed receipt of a decision, as a file; that it was issued is recorded.

        None while the ledger does not prove the decision yet, which takes seconds. Refused, as an
        answer, to who has no relationship with anybody whom the decision is about.
        """
