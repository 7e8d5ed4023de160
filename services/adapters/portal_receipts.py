"""Consent receipts behind the pages: each call is one transaction."""

from schemas.identifiers import DecisionId
from services.adapters.portal_work import PortalWork, refusal_of_decision
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
            refused = refusal_of_decision(who, found, work, one_is_enough=True)
            if refused is not None:
                return refused
            try:
                return self._receipts.issue(decision, actor=f"practitioner:{who.id}", work=work)
            except ReceiptNotReadyError:
                return None
