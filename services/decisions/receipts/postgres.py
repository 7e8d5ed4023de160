"""Issuing consent receipts: built from what is on record, proved by the ledger, signed."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from consent.errors import DecisionInvalidError, LedgerUnavailableError
from consent.ledger import FieldValue, LedgerEntry, ledger_entry, new_entry_id, read_entry
from consent.ledger.events import LedgerEvent
from consent.model import SharingDecision
from consent.receipts import (
    Council,
    Issue,
    ReceiptDocument,
    SharingAgency,
    document_as_bytes,
    is_about,
    receipt_of,
)
from consent.transparency.checkpoint import TlogProof
from schemas.identifiers import DecisionId
from schemas.vocabulary import Source
from services.decisions.receipts.signing import ReceiptSigner
from services.ledger.postgres_reading import LedgerReader
from services.platform.errors import ReceiptNotReadyError
from services.work import UnitOfWork

# The ledger's entries about one decision, each with the proof that it is in the ledger.

# Ids of entries are UUIDs of version 7: those of one moment are neighbours (RFC 9562 section 5.7).
_OF_MOMENTS = text("""
    SELECT leaf.idx, entry.body
    FROM unnest(CAST(:firsts AS uuid[]), CAST(:afters AS uuid[])) AS moment (first, after)
    JOIN ledger_entry AS entry ON entry.entry_id >= moment.first AND entry.entry_id < moment.after
    LEFT JOIN ledger_leaf AS leaf ON leaf.entry_seq = entry.seq
""")
_MILLISECOND = timedelta(milliseconds=1)
_RANDOM_BITS = 80


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry, and its place in the ledger; None while it has none yet."""

    entry: LedgerEntry
    index: int | None


def entries_about(
    decision: DecisionId, moments: Iterable[datetime], connection: Connection
) -> list[FoundEntry]:
    """What the ledger says became of the decision at these moments, oldest first.

    Raises LedgerUnavailableError.
    """
    starts = {_milliseconds(moment) for moment in moments}
    spans = {
        "firsts": [UUID(int=start << _RANDOM_BITS) for start in starts],
        "afters": [UUID(int=(start + 1) << _RANDOM_BITS) for start in starts],
    }
    try:
        rows = connection.execute(_OF_MOMENTS, spans).all()
    except SQLAlchemyError as error:
        raise LedgerUnavailableError("the ledger could not be read; try again") from error
    read = [FoundEntry(read_entry(bytes(row.body)), row.idx) for row in rows]
    found = [each for each in read if is_about(each.entry, decision)]
    return sorted(found, key=lambda each: (each.entry.at, each.entry.entry_id))


def proofs_of(found: Sequence[FoundEntry], reader: LedgerReader) -> list[str] | None:
    """A tlog-proof for each entry, all under one checkpoint; None while one has no place in it."""
    places = [each.index for each in found if each.index is not None]
    if not places or len(places) != len(found):
        return None
    checkpoint = reader.cosigned_checkpoint(covering=max(places)) or reader.latest_checkpoint()
    if checkpoint is None or checkpoint.size <= max(places):
        return None
    return [
        str(
            TlogProof(
                index,
                reader.inclusion_proof(index, checkpoint.size),
                checkpoint.note,
                extra=each.entry.body,
            )
        )
        for index, each in zip(places, found, strict=True)
    ]


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime.fromtimestamp(0, UTC)) // _MILLISECOND


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


def _partners(connection: Connection) -> list[SharingAgency]:
    rows = connection.execute(_AGENCIES)
    return [
        SharingAgency(row.agency_code, row.name, Source(row.kind), row.telephone) for row in rows
    ]


def _moments(decision: SharingDecision, work: UnitOfWork) -> Iterator[datetime]:
    """When anything can have become of it: what replaced it may have been found invalid since."""
    on_record = work.decisions.on_record(decision.subjects)
    related = {d.id: d for each in on_record.values() for d in each.decisions}
    for other in related.values():
        times = (
            *(other.known_at, other.withdrawn_at, other.invalidated_at),
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
