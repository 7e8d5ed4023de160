"""Streams the whole ledger in the order it was made, for the verifier and the export."""

from collections.abc import Iterator
from heapq import merge
from uuid import UUID

from sqlalchemy import Connection, text

from consent.ledger_log import LogItem, StoredCheckpoint, StoredEntry, StoredNode

_STREAM = {"stream_results": True, "yield_per": 2_000}

_ENTRIES = text("""
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
    for row in connection.execute(_ENTRIES, execution_options=_STREAM):
        entry: StoredEntry = stored_entry(*row)
        yield (entry.index + 1, 0, 0), entry


def _nodes(connection: Connection) -> Iterator[tuple[_Place, LogItem]]:
    for level, index, node in connection.execute(_NODES, execution_options=_STREAM):
        yield ((index + 1) << level, 1, level), StoredNode(level, index, bytes(node))


def _checkpoints(connection: Connection) -> Iterator[tuple[_Place, LogItem]]:
    for size, note in connection.execute(_CHECKPOINTS, execution_options=_STREAM):
        yield (size, 2, 0), StoredCheckpoint(size, note)
