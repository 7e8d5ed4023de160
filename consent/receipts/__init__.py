"""Consent receipts: what a family was told, decided and can do, in ISO/IEC TS 27560's fields.

In: a sharing decision, the ledger's entries about it with their proofs, the council, the agencies.
Out: the receipt (`receipt.receipt_of`) and its file (`proof.document_as_bytes`); or what in a
receipt does not agree with the ledger (`checking.faults_of`).
Rule: every event of a receipt is one entry of the ledger (`proof.event_of`); rights and ways out
follow from the legal basis (`receipt.rights_under`). Whoever it is about is an opaque id.
"""

from consent.receipts.checking import ProvedEntries, faults_of, proved_entries
from consent.receipts.parties import Council, SharingAgency
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
    "ProvedEntries",
    "ReceiptDocument",
    "SharingAgency",
    "canonical",
    "document_as_bytes",
    "document_from_bytes",
    "faults_of",
    "is_about",
    "proved_entries",
    "receipt_of",
]
