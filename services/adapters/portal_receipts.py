"""Consent receipts behind the pages: each call is one transaction."""

from consent import POLICY_VERSION, Reason
from schemas.identifiers import DecisionId
from services.adapters.portal_work import PortalWork, refusal
from services.adapters.receipts import ReceiptIssuer
from services.adapters.unit_of_work import Outside
from services.aggregation.profile import ProfileRefused
from services.errors import ReceiptNotReadyError
from services.portal.people import SignedInPractitioner


class ReceiptsOnDatabase(PortalWork):
    """ReceiptServices on PostgreSQL."""

    def __init__(self, outside: Outside, *, demonstration: bool, receipts: ReceiptIssuer) -> None:
        super().__init__(outside, demonstration=demonstration)
        self._receipts = receipts

    def receipt(
        self, who: SignedInPractitioner, decision: DecisionId
    ) -> bytes | ProfileRefused | None:
        """Issue the signed receipt of a decision; None while the ledger does not prove it yet."""
        with self._work() as work:
            found = work.decisions.find(decision)
            if found is None:
                return ProfileRefused((Reason.NO_RELATIONSHIP,), POLICY_VERSION)
            for person in sorted(found.subjects):
                refused = refusal(who, person, work)
                if refused is not None:
                    return refused
            try:
                return self._receipts.issue(decision, actor=f"practitioner:{who.id}", work=work)
            except ReceiptNotReadyError:
                return None
