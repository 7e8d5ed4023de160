"""Passes over the whole ledger and all its rows, in PostgreSQL: what each found, kept for good.

`tell-once ledger verify` keeps what it found, and so does the relay of an embedded database, which
runs one a day. No request runs one.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from services.audit.integrity.standing import LIMITS, Finding, Stands, WatchedPart, aged
from services.ledger.postgres_bound_verifying import count_bound_rows

MOST_FAULTS = 50
_KEEP = text("""
    INSERT INTO integrity_pass (begun_at, ended_at, entries, checkpoints, rows, faults,
                                first_faults, said_by)
    VALUES (:begun_at, :ended_at, :entries, :checkpoints, :rows, :faults,
            CAST(:first_faults AS jsonb), :said_by)
""")
_LAST = text("SELECT * FROM integrity_pass ORDER BY pass_id DESC LIMIT 1")


@dataclass(frozen=True, slots=True)
class LedgerPass:
    """One pass: how much it read, and in how many ways ledger and rows are not whole.

    `first_faults` are the first of them, in ids, numbers and codes.
    """

    begun_at: datetime
    ended_at: datetime
    entries: int
    checkpoints: int
    rows: int
    faults: int
    first_faults: Sequence[str]
    said_by: str


def keep_pass(connection: Connection, found: LedgerPass) -> None:
    """Keep one, as the database's owner, with how many rows there are that it compared."""
    connection.execute(
        _KEEP,
        {
            "begun_at": found.begun_at,
            "ended_at": found.ended_at,
            "entries": found.entries,
            "checkpoints": found.checkpoints,
            "rows": count_bound_rows(connection),
            "faults": found.faults,
            "first_faults": json.dumps(list(found.first_faults[:MOST_FAULTS])),
            "said_by": found.said_by,
        },
    )


def last_pass(connection: Connection) -> LedgerPass | None:
    """The last one; None where there was none."""
    row = connection.execute(_LAST).one_or_none()
    if row is None:
        return None
    return LedgerPass(
        row.begun_at,
        row.ended_at,
        int(row.entries),
        int(row.checkpoints),
        int(row.rows),
        int(row.faults),
        tuple(row.first_faults),
        row.said_by,
    )


def rows_stand(found: LedgerPass | None, now: datetime) -> Finding:
    """How rows and ledger stand, by the last pass. One that is too old says nothing any more."""
    if found is not None and found.faults:
        return Finding(WatchedPart.ROWS, Stands.OFF, "faults", found.faults, found.ended_at)
    at = None if found is None else found.ended_at
    return aged(WatchedPart.ROWS, at, LIMITS.full_pass, now, is_off=False)
