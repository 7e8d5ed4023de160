"""By what auditors find entries, in PostgreSQL: derived from the ledger, by the relay.

Appending knows nothing of it, so nobody who records anything waits for it. The relay takes the
entries that have a place in the tree, in the order of their places, and remembers up to where. What
is newer is read from the ledger itself, so that an answer lacks nothing that was committed.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, text

from consent.errors import LedgerEntryInvalidError
from consent.ledger import LedgerEntry, read_entry
from consent.ledger.decision_fields import DECISION_FIELDS
from schemas.identifiers import DecisionId
from services.audit.index.entries import IndexRow, index_row
from services.platform.errors import ServiceError

BATCH = 5_000
MOST_BEHIND = 20_000
"""With more than so many entries to read one by one no question is answered."""

_LOCK = text("SELECT size FROM audit_indexed FOR UPDATE")
_SIZE = text("SELECT size FROM audit_indexed")
_PLACED = text("""
    SELECT leaf.idx, entry.seq, entry.body
    FROM ledger_leaf AS leaf JOIN ledger_entry AS entry ON entry.seq = leaf.entry_seq
    WHERE leaf.idx >= :size ORDER BY leaf.idx LIMIT :most
""")
# As the integrator finds them: above the horizon, and without a leaf.
_UNPLACED = text("""
    WITH fresh AS MATERIALIZED (
        SELECT seq, body FROM ledger_entry
        WHERE xid >= (SELECT CASE WHEN horizon > pg_snapshot_xmin(pg_current_snapshot())
                                  THEN CAST('0' AS xid8) ELSE horizon END FROM ledger_integration)
            AND (SELECT idx FROM ledger_leaf WHERE entry_seq = ledger_entry.seq) IS NULL
        LIMIT :most
    )
    SELECT seq, body FROM fresh
""")
_MOVE = text("UPDATE audit_indexed SET size = :size")
_ADD_ENTRIES = text("""
    INSERT INTO audit_entry (seq, event, actor, at, because)
    SELECT * FROM unnest(CAST(:seqs AS bigint[]), CAST(:events AS text[]), CAST(:actors AS text[]),
        CAST(:ats AS timestamptz[]), CAST(:becauses AS text[]))
    ON CONFLICT DO NOTHING
""")
_ADD_NAMED = text("""
    INSERT INTO audit_named (named, at, seq, event)
    SELECT * FROM unnest(CAST(:named AS text[]), CAST(:ats AS timestamptz[]),
        CAST(:seqs AS bigint[]), CAST(:events AS text[]))
    ON CONFLICT DO NOTHING
""")
_FORGET = (
    text("DELETE FROM audit_entry"),
    text("DELETE FROM audit_named"),
    text("DELETE FROM audit_decision"),
    text("UPDATE audit_indexed SET size = 0"),
)
_STORED = text("""
    SELECT e.seq, e.event, e.actor, e.at, e.because FROM audit_entry AS e
    WHERE e.seq = ANY(CAST(:seqs AS bigint[]))
""")
_COUNTED = text("SELECT (SELECT count(*) FROM audit_entry), (SELECT count(*) FROM audit_named)")


class AuditBehindError(ServiceError):
    """So much is not indexed that answers would take long; run the relay, or `audit index`."""

    def __init__(self) -> None:
        super().__init__(
            f"more than {MOST_BEHIND} entries are not indexed yet; let the relay run, or run "
            "`tell-once ledger checkpoint` and `tell-once audit index`, and ask again"
        )


@dataclass(frozen=True, slots=True)
class Indexed:
    """What one run took in: how many entries, and which decisions they tell of."""

    entries: int
    size: int
    decisions: frozenset[DecisionId]


def index_batch(connection: Connection, *, most: int = BATCH) -> Indexed:
    """Take in the next entries that have their place; runs of several processes wait in turn.

    One that cannot be read is left out: `ledger verify` tells of it.
    """
    size = int(connection.execute(_LOCK).scalar_one())
    placed = connection.execute(_PLACED, {"size": size, "most": most}).all()
    if not placed:
        return Indexed(0, size, frozenset())
    read = [(int(row.seq), entry) for row in placed if (entry := _entry(row.body)) is not None]
    rows = [row for seq, entry in read if (row := index_row(seq, entry)) is not None]
    write_rows(connection, rows)
    after = int(placed[-1].idx) + 1
    connection.execute(_MOVE, {"size": after})
    return Indexed(len(placed), after, decisions_in(entry for _, entry in read))


def write_rows(connection: Connection, rows: Collection[IndexRow]) -> None:
    """Write index rows; what is there already stays."""
    if not rows:
        return
    connection.execute(
        _ADD_ENTRIES,
        {
            "seqs": [row.seq for row in rows],
            "events": [row.event.value for row in rows],
            "actors": [row.actor for row in rows],
            "ats": [row.at for row in rows],
            "becauses": [row.because for row in rows],
        },
    )
    named = [(one, row) for row in rows for one in sorted(row.named)]
    connection.execute(
        _ADD_NAMED,
        {
            "named": [one for one, _ in named],
            "ats": [row.at for _, row in named],
            "seqs": [row.seq for _, row in named],
            "events": [row.event.value for _, row in named],
        },
    )


def decisions_in(entries: Iterable[LedgerEntry]) -> frozenset[DecisionId]:
    """Which decisions entries tell of."""
    return frozenset(
        DecisionId(str(one))
        for entry in entries
        if entry.event in DECISION_FIELDS
        for one in _ids(entry.fields.get("decision"))
    )


def _ids(value: object) -> Sequence[object]:
    return value if isinstance(value, tuple | list) else [] if value is None else [value]


@dataclass(frozen=True, slots=True)
class Fresh:
    """Entries that the index does not hold yet, each with its number."""

    entries: tuple[tuple[int, LedgerEntry], ...]
    rows: tuple[IndexRow, ...]


def not_yet_indexed(connection: Connection, *, most: int = MOST_BEHIND) -> Fresh:
    """What was committed and is not in the index: read this first, then the index.

    An entry that is taken in between is then in both, and never in neither. Raises
    AuditBehindError where that would be too much to read.
    """
    unplaced = connection.execute(_UNPLACED, {"most": most + 1}).all()
    size = int(connection.execute(_SIZE).scalar_one())
    placed = connection.execute(_PLACED, {"size": size, "most": most + 1}).all()
    bodies = {int(row.seq): row.body for row in (*unplaced, *placed)}
    if len(bodies) > most:
        raise AuditBehindError
    read = [(seq, entry) for seq, body in bodies.items() if (entry := _entry(body)) is not None]
    rows = [row for seq, entry in read if (row := index_row(seq, entry)) is not None]
    return Fresh(tuple(read), tuple(rows))


def _entry(body: bytes) -> LedgerEntry | None:
    try:
        return read_entry(bytes(body))
    except LedgerEntryInvalidError:
        return None


# Whether the index is what the ledger says, and making it anew where it is not.


def forget_index(connection: Connection) -> None:
    """Empty it, so that it is made anew from the first entry on."""
    connection.execute(_LOCK)
    for statement in _FORGET:
        connection.execute(statement)


@dataclass(slots=True)
class IndexFaults:
    """In what the index differs from the ledger: rows that lack or differ, and rows too many."""

    lacking: int = 0
    differing: int = 0
    too_many: int = 0

    @property
    def is_none(self) -> bool:
        """Whether it is what the ledger says."""
        return not (self.lacking or self.differing or self.too_many)


def compare_with_ledger(connection: Connection) -> IndexFaults:
    """Derive every row once more and hold it beside the one that is stored, a batch at a time.

    Run it in one REPEATABLE READ transaction.
    """
    faults, size, entries, names = IndexFaults(), 0, 0, 0
    end = int(connection.execute(_SIZE).scalar_one())
    while size < end:
        most = min(BATCH, end - size)
        placed = connection.execute(_PLACED, {"size": size, "most": most}).all()
        if not placed:
            break
        read = [(int(row.seq), entry) for row in placed if (entry := _entry(row.body)) is not None]
        rows = [row for seq, entry in read if (row := index_row(seq, entry)) is not None]
        _compare(connection, rows, faults)
        entries, names = entries + len(rows), names + sum(len(row.named) for row in rows)
        size = int(placed[-1].idx) + 1
    stored_entries, stored_names = connection.execute(_COUNTED).one()
    faults.too_many = max(0, stored_entries - entries) + max(0, stored_names - names)
    faults.lacking += max(0, names - stored_names)
    return faults


def _compare(connection: Connection, rows: Sequence[IndexRow], faults: IndexFaults) -> None:
    found = connection.execute(_STORED, {"seqs": [row.seq for row in rows]})
    stored = {row.seq: (row.event, row.actor, row.at, row.because) for row in found}
    for row in rows:
        told = stored.get(row.seq)
        if told is None:
            faults.lacking += 1
        elif told != (row.event.value, row.actor, row.at, row.because):
            faults.differing += 1
