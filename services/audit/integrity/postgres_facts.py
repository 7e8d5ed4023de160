"""How ledger and witnesses stand, in PostgreSQL: a few rows each, however long the ledger is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, text

from consent.errors import ConsentError
from consent.ledger import read_entry
from consent.ledger.merkle import root_of
from consent.transparency.checkpoint import Checkpoint, open_checkpoint
from consent.transparency.verifier_key import VerifierKey
from services.audit.integrity.standing import LIMITS, Finding, Stands, WatchedPart, WitnessSeen
from services.ledger.postgres_access import SignedCopy
from services.ledger.postgres_tree import node_reader
from services.ledger.witness.postgres import WitnessAddress

MOST_WAITING = 1_000
_NEWEST = text("SELECT size, note, signed_at FROM ledger_checkpoint ORDER BY size DESC LIMIT 1")
# As the index finds them: above the horizon, and without a leaf. The oldest of a few is enough.
_WAITING = text("""
    WITH fresh AS MATERIALIZED (
        SELECT seq, body FROM ledger_entry
        WHERE xid >= (SELECT CASE WHEN horizon > pg_snapshot_xmin(pg_current_snapshot())
                                  THEN CAST('0' AS xid8) ELSE horizon END FROM ledger_integration)
            AND (SELECT idx FROM ledger_leaf WHERE entry_seq = ledger_entry.seq) IS NULL
        LIMIT :most
    )
    SELECT seq, body FROM fresh ORDER BY seq
""")
_COSIGNED = text("""
    SELECT c.size, c.received_at, l.note
    FROM ledger_cosignature AS c LEFT JOIN ledger_checkpoint AS l USING (size)
    WHERE c.witness = :witness ORDER BY c.size DESC LIMIT 1
""")
_REFUSED = text("""
    SELECT status FROM integrity_refusal
    WHERE witness = :witness AND at > coalesce(:since, '-infinity') ORDER BY at DESC LIMIT 1
""")
_REFUSE = text("""
    INSERT INTO integrity_refusal (witness, status, at) VALUES (:witness, :status, :at)
""")


@dataclass(frozen=True, slots=True)
class LedgerSeen:
    """The checkpoint that was signed last, and what waits for its place."""

    size: int = 0
    root: bytes = b""
    signed_at: datetime | None = None
    waiting: int = 0
    finding: Finding = field(
        default_factory=lambda: Finding(WatchedPart.CHECKPOINT, Stands.UNKNOWN, "nothing-signed")
    )


def ledger_seen(connection: Connection, key: VerifierKey, origin: str, now: datetime) -> LedgerSeen:
    """Read the last checkpoint and hold it against the key and the tree that is stored."""
    row = connection.execute(_NEWEST).one_or_none()
    waiting, oldest = _waiting(connection)
    if row is None:
        return LedgerSeen(waiting=waiting)
    size, at = int(row.size), row.signed_at
    try:
        checkpoint = open_checkpoint(row.note, [key], origin=origin).checkpoint
    except ConsentError:
        return LedgerSeen(size, b"", at, waiting, _checkpoint(Stands.OFF, "not-our-key", size, at))
    if checkpoint.size != size or stored_root(connection, size) != checkpoint.root:
        found = _checkpoint(Stands.OFF, "another-tree", size, at)
    elif oldest is not None and now - oldest > LIMITS.entries_wait:
        found = _checkpoint(Stands.OFF, "entries-wait", size, at)
    else:
        found = _checkpoint(Stands.WHOLE, "signed", size, at)
    return LedgerSeen(size, checkpoint.root, at, waiting, found)


def _checkpoint(stands: Stands, because: str, size: int, at: datetime) -> Finding:
    return Finding(WatchedPart.CHECKPOINT, stands, because, size, at)


def _waiting(connection: Connection) -> tuple[int, datetime | None]:
    rows = connection.execute(_WAITING, {"most": MOST_WAITING}).all()
    if not rows:
        return 0, None
    try:
        return len(rows), read_entry(bytes(rows[0].body)).at
    except ConsentError:
        # `ledger verify` tells of it.
        return len(rows), None


def oldest_waiting(connection: Connection) -> datetime | None:
    """When the oldest entry was made that has no place in the tree yet."""
    return _waiting(connection)[1]


def stored_root(connection: Connection, size: int) -> bytes | None:
    """The root of the stored tree at a size; None where it lacks a node."""
    span = (0, size)
    try:
        return root_of(span, node_reader(connection, [span]))
    except KeyError:
        return None


def beginning_stands(
    connection: Connection, copy: SignedCopy, key: VerifierKey, origin: str, size: int
) -> Finding:
    """Whether the tree begins with what was signed before, by the copy beside the key."""
    try:
        kept = copy.read([key], origin=origin)
    except ConsentError:
        return Finding(WatchedPart.BEGINNING, Stands.OFF, "copy-not-ours")
    if kept is None:
        return Finding(WatchedPart.BEGINNING, Stands.UNKNOWN, "no-copy")
    if kept.size > size:
        return Finding(WatchedPart.BEGINNING, Stands.OFF, "entries-lack", kept.size)
    return _same_beginning(connection, kept)


def _same_beginning(connection: Connection, kept: Checkpoint) -> Finding:
    is_same = stored_root(connection, kept.size) == kept.root
    stands, because = (Stands.WHOLE, "same") if is_same else (Stands.OFF, "another-tree")
    return Finding(WatchedPart.BEGINNING, stands, because, kept.size)


def witnesses_seen(
    connection: Connection, witnesses: Sequence[WitnessAddress]
) -> Sequence[WitnessSeen]:
    """What each witness signed last, and whether that is the beginning of our tree.

    All of them are held against one stored tree: so those that agree with it agree with another.
    """
    return [_witness_seen(connection, one.key) for one in witnesses]


def _witness_seen(connection: Connection, key: VerifierKey) -> WitnessSeen:
    row = connection.execute(_COSIGNED, {"witness": key.label}).one_or_none()
    since = None if row is None else row.received_at
    wanted = {"witness": key.label, "since": since}
    refused = connection.execute(_REFUSED, wanted).scalar_one_or_none()
    if row is None:
        return WitnessSeen(key.name, refused=refused)
    size = int(row.size)
    is_one = row.note is not None and _root_of_note(row.note) == stored_root(connection, size)
    return WitnessSeen(key.name, size, row.received_at, is_one, refused)


def _root_of_note(note: str) -> bytes | None:
    try:
        return Checkpoint.parse(note.partition("\n\n")[0] + "\n").root
    except ConsentError:
        return None


def keep_refusal(connection: Connection, key: VerifierKey, status: int, at: datetime) -> None:
    """Keep that a witness said no to the newest checkpoint, as the relay."""
    connection.execute(_REFUSE, {"witness": key.label, "status": status, "at": at})
