"""Consent receipts for tests: a decision's life in a ledger of its own, and the file of it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from consent.decisions.entries import entry_for
from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.ledger.merkle import Frontier, inclusion_proof, leaf_hash
from consent.model import SharingDecision
from consent.receipts import Issue, ReceiptDocument, SharingAgency, document_as_bytes, receipt_of
from consent.transparency.checkpoint import TlogProof
from schemas.identifiers import DecisionId
from schemas.vocabulary import Source
from tests.support.builders import DAY, NOW, VISITOR, a_permit
from tests.support.consents.issuing import COUNCIL, RECEIPTS
from tests.support.ledger.ledger_builders import SIGNER, an_entry

PARTNERS = (
    SharingAgency("hv", "Northfield Health Visiting", Source.HEALTH_VISITING, "01632 960101"),
    SharingAgency("elm", "Elm Primary School", Source.SCHOOLS),
    SharingAgency("csc", "Northfield Children’s Services", Source.SOCIAL_CARE),
)
KEYS = (RECEIPTS.verifier_key, SIGNER.verifier_key)
ISSUE = Issue("e5" * 16, NOW)


def a_recorded(**more: Any) -> SharingDecision:
    """Build a permission as it is recorded: by the health visitor."""
    told = a_permit(id=str(new_entry_id(NOW - 10 * DAY)), **more)
    circumstances = replace(told.circumstances, recorded_by=f"practitioner:{VISITOR}")
    return replace(told, circumstances=circumstances)


def life_of(decision: SharingDecision, *after: tuple[LedgerEvent, datetime]) -> list[LedgerEntry]:
    """The ledger's entries about it: that it was recorded, and what became of it."""
    return [entry_for(decision), *(_entry(decision, event, at) for event, at in after)]


def a_receipt(
    decision: SharingDecision, entries: Sequence[LedgerEntry], proofs: Sequence[str] = ()
) -> dict[str, Any]:
    """Build what the receipt says."""
    return receipt_of(decision, entries, proofs, council=COUNCIL, partners=PARTNERS, issue=ISSUE)


def a_file(decision: SharingDecision, entries: Sequence[LedgerEntry]) -> bytes:
    """Build the file of the receipt, with the proofs from a ledger that holds other things too."""
    proofs = proofs_of(entries)
    receipt = a_receipt(decision, entries, proofs)
    return signed(receipt, proofs)


def signed(receipt: dict[str, Any], proofs: Sequence[str]) -> bytes:
    """Sign the receipt and put it into a file."""
    return document_as_bytes(ReceiptDocument(receipt, RECEIPTS.signature_of(receipt), proofs))


def proofs_of(entries: Sequence[LedgerEntry]) -> list[str]:
    """Prove the entries in a ledger in which something else comes before and after."""
    bodies = [an_entry(number=1).body, *(entry.body for entry in entries), an_entry(number=2).body]
    frontier, nodes = Frontier(), {}
    for index, body in enumerate(bodies):
        nodes[0, index] = leaf_hash(body)
        for level, node in enumerate(frontier.append(nodes[0, index]), start=1):
            nodes[level, index >> level] = node
    note = SIGNER.sign_checkpoint(size=len(bodies), root=frontier.root())
    return [
        str(
            TlogProof(
                index,
                inclusion_proof(index, len(bodies), lambda level, at: nodes[level, at]),
                note,
                extra=entry.body,
            )
        )
        for index, entry in enumerate(entries, start=1)
    ]


def _entry(decision: SharingDecision, event: LedgerEvent, at: datetime) -> LedgerEntry:
    more: dict[LedgerEvent, dict[str, FieldValue]] = {
        LedgerEvent.SHARING_DECISION_ENDED: {"basis": decision.basis},
        LedgerEvent.SHARING_DECISION_SUPERSEDED: {"by": DecisionId("d7" * 16)},
        LedgerEvent.SHARING_DECISION_REINSTATED: {"because": DecisionId("d7" * 16)},
        LedgerEvent.SHARING_DECISION_INVALIDATED: {"reason": "wrong-person"},
    }
    fields: dict[str, FieldValue] = {"decision": decision.id, "subjects": decision.subjects}
    return ledger_entry(event, fields | more.get(event, {}), at=at, actor=f"practitioner:{VISITOR}")
