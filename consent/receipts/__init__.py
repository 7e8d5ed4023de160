"""Consent receipts: what a family was told, decided and can do, in ISO/IEC TS 27560's fields."""

from consent.receipts.checking import ProvedEntries, faults_of, proved_entries
from consent.receipts.parties import Council, Partner
from consent.receipts.proof import (
    ABOUT_DECISIONS,
    ReceiptDocument,
    canonical,
    document_as_bytes,
    document_from_bytes,
    is_about,
)
from consent.receipts.receipt import Issue, receipt_of

__all__ = [
    "ABOUT_DECISIONS",
    "Council",
    "Issue",
    "Partner",
    "ProvedEntries",
    "ReceiptDocument",
    "canonical",
    "document_as_bytes",
    "document_from_bytes",
    "faults_of",
    "is_about",
    "proved_entries",
    "receipt_of",
]
