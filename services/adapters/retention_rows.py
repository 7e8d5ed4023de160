"""Rows about rows whose time is over: who looked, what was handled, what became of messages.

Each is one statement in the caller's transaction. What is deleted a day is what came in a day.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.adapters.clusters import PostgresClusters
from services.adapters.retention_holds import RetentionHolds
from services.aggregation.retention import Duration, Housekeeping

Rows = Callable[[Connection, datetime, Housekeeping], int]
"""Deletes what is past its time; gives how many rows that were somebody's."""

_LOOKS = text("""
    DELETE FROM look WHERE at < :before
        AND NOT person_id = ANY(CAST(:held AS text[]))
""")
_SESSIONS = text("DELETE FROM session WHERE expires_at <= :now")
_HANDLED = text("DELETE FROM inbox WHERE taken_on < :before")
_FACTS = tuple(
    text(f"""
        DELETE FROM {table} WHERE seen_at < :before
            AND NOT person_id = ANY(CAST(:held AS text[]))
    """)  # noqa: S608 our own names
    for table in ("person_facts", "person_identifier")
)
_PARKED = text("DELETE FROM parked WHERE at < :before RETURNING source, ref")
_OUTCOMES = text("DELETE FROM message_outcome WHERE at < :before RETURNING source, ref")
_ABOUT_A_MESSAGE = tuple(
    text(f"""
        DELETE FROM {table} USING unnest(CAST(:sources AS text[]), CAST(:refs AS bytea[]))
                            AS gone(source, ref)
        WHERE {table}.source = gone.source AND {table}.ref = gone.ref
    """)  # noqa: S608 our own names
    for table in ("withheld_token", "kept_scope", "file_to_reread", "partner_withheld")
)
_OUTCOME = text("""
    DELETE FROM message_outcome USING unnest(CAST(:sources AS text[]), CAST(:refs AS bytea[]))
                                AS gone(source, ref)
    WHERE message_outcome.source = gone.source AND message_outcome.ref = gone.ref
""")


def before(now: datetime, kept: Duration) -> datetime:
    """What is older than this was kept for its whole time."""
    return datetime.combine(kept.before(now.date()), time(), UTC)


def forget_looks(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Who looked at whom, long ago; the ledger proves it still. Not of held persons."""
    wanted = {"before": before(now, kept.looks), "held": _held(connection)}
    return connection.execute(_LOOKS, wanted).rowcount


def forget_sessions(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Sessions that are over."""
    del kept
    return connection.execute(_SESSIONS, {"now": now}).rowcount


def forget_handled_events(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Which events were handled that no bus keeps any more."""
    before_day = before(now, kept.handled_events).date()
    return connection.execute(_HANDLED, {"before": before_day}).rowcount


def forget_parked(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """Messages that nobody has mended: whoever sent them has them still.

    What is known of them goes too, so that one that comes again is read again.
    """
    gone = connection.execute(_PARKED, {"before": before(now, kept.parked)}).all()
    wanted = {"sources": [row.source for row in gone], "refs": [row.ref for row in gone]}
    for statement in (*_ABOUT_A_MESSAGE, _OUTCOME):
        connection.execute(statement, wanted)
    return len(gone)


def forget_outcomes(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """What became of messages, and what was to be asked for again; longer than any is held."""
    gone = connection.execute(_OUTCOMES, {"before": before(now, kept.outcomes)}).all()
    wanted = {"sources": [row.source for row in gone], "refs": [row.ref for row in gone]}
    for statement in _ABOUT_A_MESSAGE:
        connection.execute(statement, wanted)
    return len(gone)


def forget_facts(connection: Connection, now: datetime, kept: Housekeeping) -> int:
    """What people are told apart by; what a source still says it will say again.

    Search tokens go with them. Not of held persons.
    """
    wanted = {"before": before(now, kept.facts), "held": _held(connection)}
    return sum(connection.execute(one, wanted).rowcount for one in _FACTS)


def _held(connection: Connection) -> list[PersonId]:
    return RetentionHolds(connection, PostgresClusters(connection)).everyone()


AGGREGATION: Mapping[str, Rows] = {
    "looks": forget_looks,
    "sessions": forget_sessions,
    "handled-events": forget_handled_events,
}
CONNECTORS: Mapping[str, Rows] = {
    "facts": forget_facts,
    "parked": forget_parked,
    "outcomes": forget_outcomes,
}
