"""What is going on in the database: who is in the middle of what, and how far the pipeline is.

Who acts on a decision reads it and commits a moment later. Who is told that the decision has
changed would in between see neither what the other is about to write nor a reason to wait. So
the first marks itself, before reading, and the second waits for all that are marked: whatever
begins afterwards reads the new decision. Advisory locks (PostgreSQL, section 13.3.5): nobody is
left marked by a process that dies.
"""

from enum import IntEnum

from sqlalchemy import Connection, text

_MARK = text("SELECT pg_advisory_xact_lock_shared(:what)")
_WAIT = text("SELECT pg_advisory_lock(:what)")
_KEEP_OUT = text("SELECT pg_advisory_xact_lock(:what)")
_PASS = text("SELECT pg_advisory_unlock(:what)")


class ActivityKind(IntEnum):
    """What transactions may be in the middle of; each value is the number of a lock."""

    PUBLISHING = 0x7E11_0C01
    STORING = 0x7E11_0C02
    AGGREGATING = 0x7E11_0C03


def mark_in_flight(connection: Connection, kind: ActivityKind) -> None:
    """Mark this transaction until it ends; call it before reading any decision."""
    connection.execute(_MARK, {"what": kind.value})


def wait_for_those_in_flight(connection: Connection, kind: ActivityKind) -> None:
    """Return when every transaction marked by now has ended; what it wrote can be read then.

    Call it first in a transaction, which must be READ COMMITTED and not marked itself.
    """
    connection.execute(_WAIT, {"what": kind.value})
    connection.execute(_PASS, {"what": kind.value})


def keep_all_out(connection: Connection, kind: ActivityKind) -> None:
    """Wait likewise, and let no other begin until this transaction has ended."""
    connection.execute(_KEEP_OUT, {"what": kind.value})


# How far the pipeline is: what was handled and what still waits.


def count_waiting(connection: Connection) -> tuple[int, int]:
    """How many record events aggregation has handled, and how many wait in the outbox."""
    handled = connection.execute(text("SELECT count(*) FROM inbox")).scalar_one()
    queued = connection.execute(text("SELECT count(*) FROM outbox")).scalar_one()
    return handled, queued


def count_handled(connection: Connection) -> int:
    """How many messages connectors have decided on."""
    found = connection.execute(text("SELECT count(*) FROM message_outcome")).scalar_one()
    return int(found)


def count_persons(connection: Connection) -> int:
    """How many persons are known."""
    return int(connection.execute(text("SELECT count(*) FROM person")).scalar_one())
