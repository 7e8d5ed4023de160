"""Gives every committed entry its place in the Merkle tree and signs the grown tree.

Which entries are new: those that no leaf names. Looking through all of them each time would be
slow, so the horizon remembers below which transaction id all entries have a leaf: the oldest
transaction that was running when the entries were read (PostgreSQL, "Transaction ID and Snapshot
Information Functions"). A lower `seq` that commits late has a transaction id above the horizon
and is found the next time; nothing is waited for, and nothing is left out.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import Connection, Engine, text

from consent.errors import ConsentError, LedgerBrokenError
from consent.ledger.merkle import (
    EMPTY_ROOT,
    Frontier,
    NodeAt,
    Span,
    complete_subtrees,
    leaf_hash,
    node_hash,
    root_of,
)
from consent.transparency.checkpoint import Checkpoint, LedgerSigner, open_checkpoint
from consent.transparency.verifier_key import VerifierKey
from services.platform.database.direct import direct_pool
from services.platform.database.engine import database_failures

# The hashes of complete subtrees, of which every fourth level is stored.
#
# A tree of n leaves has n inner nodes; storing one level in four costs a fifteenth of them, and a
# node between is at most eight stored ones hashed together.

STRIDE = 4

# Equality on every column, so that the planner knows how few rows there will be.
_WANTED = text("""
    SELECT 0 AS level, idx, leaf_hash FROM ledger_leaf
    WHERE idx = ANY(CAST(:leaves AS bigint[]))
    UNION ALL
    SELECT node.level, node.idx, node.hash
    FROM unnest(CAST(:levels AS smallint[]), CAST(:indexes AS bigint[])) AS wanted (level, idx)
    JOIN ledger_node AS node ON node.level = wanted.level AND node.idx = wanted.idx
""")


def node_reader(connection: Connection, spans: Iterable[Span]) -> NodeAt:
    """Read what the hashes of these spans need, in one query; gives the lookup of it.

    The lookup raises KeyError for a node that is not stored.
    """
    wanted = {
        stored
        for span in spans
        for node in complete_subtrees(span)
        for stored in _stored_under(*node)
    }
    nodes = [each for each in wanted if each[0] > 0]
    rows = connection.execute(
        _WANTED,
        {
            "leaves": [index for level, index in wanted if level == 0],
            "levels": [level for level, _ in nodes],
            "indexes": [index for _, index in nodes],
        },
    )
    return _between({(level, index): bytes(found) for level, index, found in rows})


def _stored_under(level: int, index: int) -> Iterable[tuple[int, int]]:
    """Name the stored nodes that a node is made of: itself, or up to eight below it."""
    above = level % STRIDE
    return ((level - above, each) for each in range(index << above, (index + 1) << above))


def _between(stored: Mapping[tuple[int, int], bytes]) -> NodeAt:
    def node_at(level: int, index: int) -> bytes:
        if level % STRIDE == 0:
            return stored[level, index]
        return node_hash(node_at(level - 1, 2 * index), node_at(level - 1, 2 * index + 1))

    return node_at


_CHUNK = 5_000
_LOCK_ID = int.from_bytes(sha256(b"tell-once ledger integration").digest()[:8], "big", signed=True)

_LOCK = text("SELECT pg_advisory_xact_lock(:id)")
_LATEST = text("SELECT size, note FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
_SIZE = text("SELECT coalesce(max(idx) + 1, 0) FROM ledger_leaf")
# A horizon above every running transaction was written in another cluster, whose ids meant
# something else: this one was restored from a dump. Then every entry is looked at once.
_HORIZON = text("""
    SELECT CAST(pg_snapshot_xmin(pg_current_snapshot()) AS text),
        CASE WHEN horizon > pg_snapshot_xmin(pg_current_snapshot()) THEN '0'
             ELSE CAST(horizon AS text) END
    FROM ledger_integration
""")
# MATERIALIZED keeps the planner from walking the whole table in the order of seq; the scalar
# subquery keeps it from joining with all leaves.
_NEW = text("""
    WITH fresh AS MATERIALIZED (
        SELECT seq, body FROM ledger_entry
        WHERE xid >= CAST(:horizon AS xid8)
            AND (SELECT idx FROM ledger_leaf WHERE entry_seq = ledger_entry.seq) IS NULL
    )
    SELECT seq, body FROM fresh ORDER BY seq
""")
_IS_BEHIND = text("""
    SELECT EXISTS (
        SELECT FROM ledger_entry
        WHERE xid >= (SELECT horizon FROM ledger_integration)
            AND (SELECT idx FROM ledger_leaf WHERE entry_seq = ledger_entry.seq) IS NULL
    )
""")
_ADD_LEAVES = text("""
    INSERT INTO ledger_leaf (idx, entry_seq, leaf_hash)
    SELECT CAST(:first AS bigint) + place - 1, entry_seq, leaf_hash
    FROM unnest(CAST(:seqs AS bigint[]), CAST(:hashes AS bytea[]))
        WITH ORDINALITY AS new (entry_seq, leaf_hash, place)
""")
_ADD_NODES = text("""
    INSERT INTO ledger_node (level, idx, hash)
    SELECT * FROM unnest(CAST(:levels AS smallint[]), CAST(:indexes AS bigint[]),
        CAST(:hashes AS bytea[]))
""")
_ADD_CHECKPOINT = text("INSERT INTO ledger_checkpoint (size, note) VALUES (:size, :note)")
_MOVE_HORIZON = text("UPDATE ledger_integration SET horizon = CAST(:horizon AS xid8)")


@dataclass(frozen=True, slots=True)
class Integration:
    """What one run did: how many entries got a place, and the checkpoint that covers them."""

    added: int
    size: int
    note: str


def is_behind(engine: Engine) -> bool:
    """Whether there are entries without a place, as far as one look tells: nothing is locked.

    In a database that was restored from a dump it may not see them; integrating does.
    """
    with database_failures(), direct_pool(engine).alone() as connection:
        return bool(connection.execute(_IS_BEHIND).scalar_one())


def integrate(
    connection: Connection,
    *,
    signer: LedgerSigner,
    former_keys: Sequence[VerifierKey] = (),
    copy: Checkpoint | None = None,
) -> Integration:
    """Give every committed entry that has none its index, and sign the tree, in one transaction.

    Runs in the caller's transaction, which must be READ COMMITTED and fresh; nothing happened
    until it commits. Runs of several processes wait for one another. `former_keys` are the
    public keys that signed before `signer` did; `copy` is the checkpoint kept beside the key,
    read before this transaction began. Raises LedgerBrokenError, and signs nothing, when the tree
    it would extend is not the one that was signed last, or does not begin with that of the copy.
    """
    # (1) One integrator at a time; the lock ends with the transaction.
    connection.execute(_LOCK, {"id": _LOCK_ID})
    # (2) The tree to extend is the one that was signed last, and begins with that of the copy.
    signed = _signed_last(connection, [signer.verifier_key, *former_keys], signer.name)
    frontier = _frontier(connection)
    _require_signed(frontier, signed)
    _require_copy(connection, frontier, copy)
    # (3) The horizon is taken before the entries are read, so that it can only be too low.
    next_horizon, horizon = connection.execute(_HORIZON).one()
    # (4) New entries get the next indexes.
    before = frontier.size
    for chunk in _new_entries(connection, horizon):
        _extend(connection, frontier, chunk)
    connection.execute(_MOVE_HORIZON, {"horizon": next_horizon})
    # (5) The grown tree is signed.
    if signed is not None and frontier.size == before:
        return Integration(0, before, signed[1])
    note = signer.sign_checkpoint(size=frontier.size, root=frontier.root())
    connection.execute(_ADD_CHECKPOINT, {"size": frontier.size, "note": note})
    return Integration(frontier.size - before, frontier.size, note)


def _signed_last(
    connection: Connection, keys: Sequence[VerifierKey], origin: str
) -> tuple[Checkpoint, str] | None:
    row = connection.execute(_LATEST).one_or_none()
    if row is None:
        return None
    size, note = row
    try:
        checkpoint = open_checkpoint(note, keys, origin=origin).checkpoint
    except ConsentError as error:
        raise LedgerBrokenError(f"the checkpoint of size {size} is not ours: {error}") from error
    return checkpoint, note


def _frontier(connection: Connection) -> Frontier:
    size = connection.execute(_SIZE).scalar_one()
    span = (0, size)
    node_at = node_reader(connection, [span])
    try:
        return Frontier(size, [node_at(*each) for each in complete_subtrees(span)])
    except KeyError:
        raise LedgerBrokenError(
            f"the tree of {size} entries lacks a node; nothing is signed"
        ) from None


def _require_signed(frontier: Frontier, signed: tuple[Checkpoint, str] | None) -> None:
    size, root = (signed[0].size, signed[0].root) if signed else (0, EMPTY_ROOT)
    if frontier.size != size:
        raise LedgerBrokenError(
            f"the tree has {frontier.size} entries, but {size} were signed last; nothing is signed"
        )
    if frontier.root() != root:
        raise LedgerBrokenError(
            f"the tree of {size} entries is not the one that was signed; nothing is signed"
        )


def _require_copy(connection: Connection, frontier: Frontier, copy: Checkpoint | None) -> None:
    if copy is None:
        return
    if frontier.size < copy.size:
        raise LedgerBrokenError(
            f"the database has a tree of {frontier.size} entries, but {copy.size} were signed, as "
            "the copy beside the key shows: it was restored from an older backup, or entries were "
            "removed; nothing is signed, see runbook 004"
        )
    span = (0, copy.size)
    try:
        root = root_of(span, node_reader(connection, [span]))
    except KeyError:
        raise LedgerBrokenError(
            f"the tree of {frontier.size} entries lacks a node; nothing is signed"
        ) from None
    if root != copy.root:
        raise LedgerBrokenError(
            f"the first {copy.size} of the database's {frontier.size} entries are not those that "
            "were signed, as the copy beside the key shows; nothing is signed, see runbook 004"
        )


def _new_entries(connection: Connection, horizon: str) -> Iterator[Sequence[tuple[int, bytes]]]:
    result = connection.execute(
        _NEW,
        {"horizon": horizon},
        execution_options={"stream_results": True, "yield_per": _CHUNK},
    )
    for rows in result.partitions(_CHUNK):
        yield [(seq, bytes(body)) for seq, body in rows]


def _extend(connection: Connection, frontier: Frontier, chunk: Sequence[tuple[int, bytes]]) -> None:
    first, leaves = frontier.size, [leaf_hash(body) for _, body in chunk]
    levels: list[int] = []
    indexes: list[int] = []
    hashes: list[bytes] = []
    for index, leaf in enumerate(leaves, start=first):
        completed = frontier.append(leaf)
        for level in range(STRIDE, len(completed) + 1, STRIDE):
            levels.append(level)
            indexes.append(index >> level)
            hashes.append(completed[level - 1])
    seqs = [seq for seq, _ in chunk]
    connection.execute(_ADD_LEAVES, {"first": first, "seqs": seqs, "hashes": leaves})
    if levels:
        connection.execute(_ADD_NODES, {"levels": levels, "indexes": indexes, "hashes": hashes})
