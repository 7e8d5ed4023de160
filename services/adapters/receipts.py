"""Issuing consent receipts: built from what is on record, proved by the ledger, signed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from consent.errors import DecisionInvalidError
from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger_events import LedgerEvent
from consent.model import SharingDecision
from consent.receipts import Council, Issue, Partner, ReceiptDocument, document_as_bytes, receipt_of
from schemas.identifiers import DecisionId
from schemas.vocabulary import Source
from services.adapters.decision_entries import entries_about, proofs_of
from services.adapters.ledger_reader import LedgerReader
from services.adapters.unit_of_work import UnitOfWork
from services.audit.receipt_signing import ReceiptSigner
from services.errors import ReceiptNotReadyError

_AGENCIES = text("SELECT agency_code, name, kind, telephone FROM agency ORDER BY agency_code")


@dataclass(frozen=True, slots=True)
class ReceiptIssuer:
    """Whose receipts they are, and what signs them."""

    council: Council
    signer: ReceiptSigner

    def issue(self, decision_id: DecisionId, *, actor: str, work: UnitOfWork) -> bytes:
        """The receipt of the decision as it stands now, as a file; that it was issued is recorded.

        Raises DecisionInvalidError for an unknown decision, and ReceiptNotReadyError while the
        ledger has not given every event of it a place: ask again after the next checkpoint.
        """
        decision = work.decisions.find(decision_id)
        if decision is None:
            raise DecisionInvalidError("decision", "is-not-known")
        found = entries_about(decision.id, _moments(decision, work), work.connection)
        proofs = proofs_of(found, LedgerReader(work.connection))
        if proofs is None:
            raise ReceiptNotReadyError(
                f"decision {decision.id} is not yet proved by the ledger; try again in a moment"
            )
        receipt = receipt_of(
            decision,
            [each.entry for each in found],
            proofs,
            council=self.council,
            partners=_partners(work.connection),
            issue=Issue(str(new_entry_id(work.now)), work.now),
        )
        _record(receipt["receipt_metadata"]["receipt_id"], decision, actor, work)
        return document_as_bytes(
            ReceiptDocument(receipt, self.signer.signature_of(receipt), proofs)
        )


def _partners(connection: Connection) -> list[Partner]:
    rows = connection.execute(_AGENCIES)
    return [Partner(row.agency_code, row.name, Source(row.kind), row.telephone) for row in rows]


def _moments(decision: SharingDecision, work: UnitOfWork) -> Iterator[datetime]:
    """When anything can have become of it: what replaced it may have been found invalid since."""
    on_record = work.decisions.on_record(decision.subjects)
    related = {d.id: d for each in on_record.values() for d in each.decisions}
    for other in related.values():
        times = (
            *(other.decided_at, other.withdrawn_at, other.invalidated_at),
            *(other.superseded_at, other.until),
        )
        yield from (time for time in times if time is not None)


def _record(receipt_id: str, decision: SharingDecision, actor: str, work: UnitOfWork) -> None:
    fields: dict[str, FieldValue] = {
        "receipt": receipt_id,
        "decision": decision.id,
        "version": decision.version,
    }
    entry = ledger_entry(LedgerEvent.RECEIPT_ISSUED, fields, at=work.now, actor=actor)
    work.ledger.append([entry])
