"""Reads the ledger: all of it as a stream; entries by place, checkpoints, and proofs.

Proofs are made from the hashes of subtrees that are stored.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from heapq import merge
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from consent.errors import LedgerBrokenError, LedgerUnavailableError
from consent.ledger.log import LogItem, StoredCheckpoint, StoredEntry, StoredNode
from consent.ledger.merkle import (
    NodeAt,
    Span,
    consistency_proof,
    consistency_spans,
    inclusion_proof,
    inclusion_spans,
)
from consent.transparency.verifier_key import VerifierKey
from services.ledger.postgres_tree import node_reader

# The whole ledger in the order it was made, for the verifier and the export.

_STREAM = {"stream_results": True, "yield_per": 2_000}

_ENTRIES_FROM = text("""
    SELECT leaf.idx, leaf.leaf_hash, entry.body, entry.entry_id
    FROM ledger_leaf AS leaf LEFT JOIN ledger_entry AS entry ON entry.seq = leaf.entry_seq
    ORDER BY leaf.idx
""")
_NODES = text("""
    SELECT level, idx, hash FROM ledger_node
    ORDER BY (idx + 1) << CAST(level AS integer), level
""")
_CHECKPOINTS = text("SELECT size, note FROM ledger_cosigned_checkpoint ORDER BY size")

_Place = tuple[int, int, int]


def stored_entry(
    index: int, leaf_hash: bytes, body: bytes | None, entry_id: UUID | None
) -> StoredEntry:
    """Give a row of leaf and entry as the core knows it."""
    return StoredEntry(
        index=index,
        leaf_hash=bytes(leaf_hash),
        body=None if body is None else bytes(body),
        entry_id=None if entry_id is None else str(entry_id),
    )


def stream_ledger(connection: Connection, *, with_nodes: bool) -> Iterator[LogItem]:
    """Yield every entry, each stored node after its last leaf, each checkpoint after its last.

    Read it in one REPEATABLE READ transaction, or what is signed meanwhile is seen in part.
    Nodes are for the verifier of a database; an export has no use for them.
    """
    streams = [_entries(connection), _checkpoints(connection)]
    if with_nodes:
        streams.append(_nodes(connection))
    for _, item in merge(*streams, key=lambda placed: placed[0]):
        yield item


def _entries(connection: Connection) -> Iterator[tuple[_Place, LogItem]]:
    for row in connection.execute(_ENTRIES_FROM, execution_options=_STREAM):
        entry: StoredEntry = stored_entry(*row)
        yield (entry.index + 1, 0, 0), entry


def _nodes(connection: Connection) -> Iterator[tuple[_Place, LogItem]]:
    for level, index, node in connection.execute(_NODES, execution_options=_STREAM):
        yield ((index + 1) << level, 1, level), StoredNode(level, index, bytes(node))


def _checkpoints(connection: Connection) -> Iterator[tuple[_Place, LogItem]]:
    for size, note in connection.execute(_CHECKPOINTS, execution_options=_STREAM):
        yield (size, 2, 0), StoredCheckpoint(size, note)


_SIZE = text("SELECT coalesce(max(idx) + 1, 0) FROM ledger_leaf")
_PENDING = text("SELECT (SELECT count(*) FROM ledger_entry) - (SELECT count(*) FROM ledger_leaf)")
_INDEX_OF = text("""
    SELECT leaf.idx FROM ledger_leaf AS leaf
    JOIN ledger_entry AS entry ON entry.seq = leaf.entry_seq
    WHERE entry.entry_id = :entry_id
""")
_ENTRIES = text("""
    SELECT leaf.idx, leaf.leaf_hash, entry.body, entry.entry_id
    FROM ledger_leaf AS leaf LEFT JOIN ledger_entry AS entry ON entry.seq = leaf.entry_seq
    WHERE leaf.idx >= :start AND leaf.idx < :end ORDER BY leaf.idx
""")
_SIGNED = text("SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
_LAST_COSIGNED = text("""
    SELECT size FROM ledger_cosignature WHERE witness = :witness ORDER BY size DESC LIMIT 1
""")
_LATEST = text("SELECT size, note FROM ledger_cosigned_checkpoint ORDER BY size DESC LIMIT 1")
_CHECKPOINT_AT = text("SELECT size, note FROM ledger_cosigned_checkpoint WHERE size = :size")
# A cosigned checkpoint is worth more than the newest, as long as it is nearly as new.
_PUBLISHED = text("""
    SELECT size, note FROM ledger_cosigned_checkpoint WHERE size = (
        SELECT CASE WHEN cosigned.signed_at > newest.signed_at - interval '1 minute'
            THEN cosigned.size ELSE newest.size END
        FROM (SELECT size, signed_at FROM ledger_checkpoint ORDER BY size DESC LIMIT 1) AS newest
        LEFT JOIN ledger_checkpoint AS cosigned
            ON cosigned.size = (SELECT max(size) FROM ledger_cosignature)
    )
""")
_COVERING = text("""
    SELECT size, note FROM ledger_cosigned_checkpoint WHERE size = (
        SELECT size FROM ledger_cosignature WHERE size > :index ORDER BY size DESC LIMIT 1
    )
""")


class LedgerReader:
    """Reads in the transaction of its connection; every method raises LedgerUnavailableError."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def size(self) -> int:
        """Count the entries that have their place."""
        return int(self._scalar(_SIZE))

    def pending(self) -> int:
        """Count the entries that wait for their place; looks at every one."""
        return int(self._scalar(_PENDING))

    def entries(self, start: int, end: int) -> Sequence[StoredEntry]:
        """Read the entries from the index `start` to before `end`, oldest first."""
        try:
            rows = self._connection.execute(_ENTRIES, {"start": start, "end": end}).all()
        except SQLAlchemyError as error:
            raise _unavailable() from error
        return [stored_entry(*row) for row in rows]

    def index_of(self, entry_id: UUID) -> int | None:
        """Find the place of an entry; None when it has none yet or does not exist."""
        found = self._scalar(_INDEX_OF, entry_id=entry_id)
        return None if found is None else int(found)

    def latest_checkpoint(self) -> StoredCheckpoint | None:
        """Give the checkpoint that was signed last."""
        return self._checkpoint(_LATEST)

    def signed_checkpoint(self) -> StoredCheckpoint | None:
        """Give the checkpoint that was signed last, as we signed it, without cosignatures."""
        return self._checkpoint(_SIGNED)

    def last_cosigned(self, key: VerifierKey) -> int:
        """Give the size of the largest tree that a witness cosigned, 0 for none."""
        return int(self._scalar(_LAST_COSIGNED, witness=key.label) or 0)

    def checkpoint_at(self, size: int) -> StoredCheckpoint | None:
        """Give the checkpoint of exactly this size, if one was signed."""
        return self._checkpoint(_CHECKPOINT_AT, size=size)

    def published_checkpoint(self) -> StoredCheckpoint | None:
        """Give the newest checkpoint that a witness cosigned, or the newest if it is far newer."""
        return self._checkpoint(_PUBLISHED)

    def cosigned_checkpoint(self, *, covering: int) -> StoredCheckpoint | None:
        """Give the newest checkpoint that a witness cosigned and that covers this index."""
        return self._checkpoint(_COVERING, index=covering)

    def inclusion_proof(self, index: int, size: int) -> Sequence[bytes]:
        """Prove that an entry is in the tree of a size; ValueError when it is not.

        LedgerBrokenError when the storage lacks a hash that the proof needs.
        """
        node_at = self._nodes_for(inclusion_spans(index, size))
        return self._prove(size, lambda: inclusion_proof(index, size, node_at))

    def consistency_proof(self, first: int, second: int) -> Sequence[bytes]:
        """Prove that one tree extends another; ValueError unless 0 < first <= second <= size.

        LedgerBrokenError when the storage lacks a hash that the proof needs.
        """
        node_at = self._nodes_for(consistency_spans(first, second))
        return self._prove(second, lambda: consistency_proof(first, second, node_at))

    def log(self, *, with_nodes: bool = False) -> Iterator[LogItem]:
        """Stream the whole ledger in the order it was made; see stream_ledger."""
        return stream_ledger(self._connection, with_nodes=with_nodes)

    def _nodes_for(self, spans: Sequence[Span]) -> NodeAt:
        try:
            return node_reader(self._connection, spans)
        except SQLAlchemyError as error:
            raise _unavailable() from error

    def _prove(self, size: int, prove: Callable[[], Sequence[bytes]]) -> Sequence[bytes]:
        try:
            return prove()
        except KeyError:
            if size > self.size():
                raise ValueError(f"the ledger has not {size} entries yet") from None
            raise LedgerBrokenError("the stored tree lacks a hash; verify the ledger") from None

    def _checkpoint(self, query: TextClause, **values: object) -> StoredCheckpoint | None:
        row = self._first(query, values)
        return None if row is None else StoredCheckpoint(row[0], row[1])

    def _scalar(self, query: TextClause, **values: object) -> Any:
        row = self._first(query, values)
        return None if row is None else row[0]

    def _first(self, query: TextClause, values: Mapping[str, object]) -> tuple[Any, ...] | None:
        try:
            row = self._connection.execute(query, values).first()
        except SQLAlchemyError as error:
            raise _unavailable() from error
        return None if row is None else tuple(row)


def _unavailable() -> LedgerUnavailableError:
    return LedgerUnavailableError("the ledger could not be read; show nothing that needs it")
