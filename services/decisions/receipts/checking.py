"""Checking a consent receipt offline, with nothing but the file and the keys."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from consent.errors import ConsentError
from consent.receipts import ProvedEntries, document_from_bytes, faults_of, proved_entries
from consent.transparency.verifier_key import VerifierKey
from services.decisions.receipts.signing import require_signed


@dataclass(frozen=True, slots=True)
class CheckedReceipt:
    """What does not fit; and where everything does, what the receipt is and who vouches for it."""

    faults: tuple[str, ...]
    told: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_valid(self) -> bool:
        """Whether everything fits."""
        return not self.faults


def check_receipt(content: bytes, keys: Sequence[VerifierKey]) -> CheckedReceipt:
    """Check the file of a receipt; never raises for what is in it."""
    try:
        # (1) It is a receipt, in the bytes in which receipts are written.
        document = document_from_bytes(content)
        # (2) A known key signed exactly what it says.
        signed_by = require_signed(document.receipt, document.signature, keys)
        # (3) Each proof leads to a checkpoint that a known key signed.
        proved = proved_entries(document.proofs, keys)
    except ConsentError as error:
        return CheckedReceipt((str(error),))
    # (4) What it says is what the ledger says.
    faults = faults_of(document.receipt, document.proofs, proved.entries)
    if faults:
        return CheckedReceipt(tuple(faults))
    return CheckedReceipt((), _told(document.receipt, signed_by, proved))


def _told(
    receipt: Mapping[str, Any], signed_by: VerifierKey, proved: ProvedEntries
) -> dict[str, Any]:
    last = max(proved.checkpoints, key=lambda opened: opened.checkpoint.size)
    return {
        "receipt_id": receipt["receipt_metadata"]["receipt_id"],
        "issued_at": receipt["receipt_metadata"]["issued_at"],
        "decision_id": receipt["record_header"]["record_id"],
        "state": receipt["record_header"]["state"]["code"],
        "signed_by": signed_by.name,
        "ledger": {
            "origin": last.checkpoint.origin,
            "size": last.checkpoint.size,
            "signed_by": [key.name for key in last.signatures.signed_by],
        },
    }
