"""Who issues consent receipts in tests, and a receipt that nobody signed."""

from datetime import datetime

from consent.model import SharingDecision
from consent.receipts import Council, Issue, ReceiptDocument, document_as_bytes, receipt_of
from services.decisions.receipts.postgres import ReceiptIssuer
from services.decisions.receipts.signing import ReceiptSigner

COUNCIL = Council(
    "Northfield Council",
    "Town Hall, Northfield",
    "01632 960100",
    "https://northfield.example/privacy",
    "United Kingdom",
)
RECEIPTS = ReceiptSigner("tell-once.example/ledger/receipts", bytes(range(1, 33)))
AN_ISSUER = ReceiptIssuer(COUNCIL, RECEIPTS)


def a_fake_receipt(decision: SharingDecision, *, at: datetime) -> bytes:
    """Build a receipt that says everything, but has neither signature nor proof."""
    issue = Issue("e5" * 16, at)
    receipt = receipt_of(decision, (), (), council=COUNCIL, partners=(), issue=issue)
    return document_as_bytes(ReceiptDocument(receipt, "", ()))
