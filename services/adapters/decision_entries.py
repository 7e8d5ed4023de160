"""The ledger's entries about one decision, each with the proof that it is in the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from consent.errors import LedgerUnavailableError
from consent.ledger import LedgerEntry, read_entry
from consent.receipts import is_about
from consent.tlog_proof import TlogProof
from schemas.identifiers import DecisionId
from services.adapters.ledger_reader import LedgerReader

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
