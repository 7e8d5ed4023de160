"""The chosen entries as they stand in the ledger, one after the other, in constant memory.

Read from the ledger itself: (1) the numbers between which the chosen times lie are found by an
index over the times (migration 0048_audit_exports); (2) the entries between them are read through
a cursor in the order of their numbers, and the database leaves out what was not chosen. (3) Of
persons, and of events that are all indexed for auditors, the index says which numbers to read; what
is not indexed yet is read as well, and each entry's own bytes say whether it is chosen.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, Engine, TextClause, text
from sqlalchemy.exc import SQLAlchemyError

from consent.errors import LedgerUnavailableError
from services.audit.exports.chosen import Chosen, time_text, was_working
from services.audit.index.entries import ASKED_ABOUT
from services.audit.index.postgres_index import AuditBehindError, not_yet_indexed
from services.platform.database.engine import Blobs, Texts

_STREAM = {"stream_results": True, "yield_per": 2_000}
# Between two chosen entries there may be millions that are not.
_PATIENTLY = text("SET LOCAL statement_timeout = '30min'")
_AT = r"substring(e.body, position('\x226174223a22'\:\:bytea IN e.body) + 6, 27)"
_SINCE = f"{_AT} >= CAST(:since AS bytea)"
_UNTIL = f"{_AT} < CAST(:until AS bytea)"
_AMONG = """ AND e.seq IN (
    SELECT n.seq FROM audit_named AS n WHERE n.named = ANY(:named) AND n.event = ANY(:of_events)
    UNION ALL SELECT unnest(CAST(:not_indexed AS bigint[])))"""
_EACH = " AND e.body LIKE ANY(CAST(:{name} AS bytea[]))"
_ACTOR = b'{"actor":"'
_AT_NAME = b'"at":"'
_TIME_LENGTH = 27


class EntryRow(NamedTuple):
    """An entry: its number, its place in the tree where it has one, and its bytes."""

    seq: int
    place: int | None
    body: bytes


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between which numbers, both in, the entries of the chosen time lie."""

    first: int
    last: int


@contextmanager
def one_moment(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the ledger and writes nothing.

    Raises LedgerUnavailableError.
    """
    try:
        with engine.connect() as connection:
            connection.execution_options(
                isolation_level="REPEATABLE READ", postgresql_readonly=True
            )
            with connection.begin():
                connection.execute(_PATIENTLY)
                yield connection
    except SQLAlchemyError as error:
        raise LedgerUnavailableError(
            "the ledger could not be read; what was exported so far is not whole"
        ) from error


def bounds_of(connection: Connection, chosen: Chosen) -> Bounds | None:
    """Find them; None where no entry is of that time."""
    found = connection.execute(bounds_query(chosen), _values(chosen)).one()
    return None if found.first is None else Bounds(int(found.first), int(found.last))


def bounds_query(chosen: Chosen) -> TextClause:
    """What finds them: by the index over the times, where there is one to look for."""
    # OFFSET: found by their times, and not from either end on until one happens to match.
    within = f"SELECT e.seq FROM ledger_entry AS e{_times(chosen)} OFFSET 0"  # noqa: S608 of constant parts
    if chosen.since is None and chosen.until is None:
        within = "TABLE ledger_entry"
    return text(f"SELECT min(seq) AS first, max(seq) AS last FROM ({within}) AS within")  # noqa: S608 as above


@dataclass(frozen=True, slots=True)
class NotIndexed:
    """The numbers of what the index lacks at this moment; it tells of all others."""

    seqs: tuple[int, ...]


def by_index(connection: Connection, chosen: Chosen) -> NotIndexed | None:
    """What to read beside the index; None where it does not tell of all that is chosen.

    It holds the events of `ASKED_ABOUT`, by every person whom they name.
    """
    if not (chosen.persons and chosen.events and chosen.events <= ASKED_ABOUT):
        return None
    try:
        fresh = not_yet_indexed(connection)
    except AuditBehindError:
        return None
    return NotIndexed(tuple(row.seq for row in fresh.rows))


def chosen_entries(
    connection: Connection, chosen: Chosen, bounds: Bounds, index: NotIndexed | None = None
) -> Iterator[EntryRow]:
    """Give the chosen entries in the order of their numbers; with `index` those that it finds."""
    values = {**_values(chosen), "first": bounds.first, "last": bounds.last}
    if index is not None:
        values |= {
            "named": Texts(chosen.persons),
            "of_events": Texts(chosen.events),
            "not_indexed": list(index.seqs),
        }
    rows = connection.execute(_query(chosen, index), values, execution_options=_STREAM)
    # Made once a row, for millions of rows: a tuple of the driver's is unpacked as it comes.
    if not chosen.worked and chosen.agency is None:
        for seq, place, body in rows:
            yield EntryRow(seq, place, body)
        return
    for seq, place, body in rows:
        actor, at = _actor_and_time(body)
        if was_working(chosen.worked, actor, at):
            yield EntryRow(seq, place, body)


def has_more_than(connection: Connection, chosen: Chosen, most: int) -> bool:
    """Whether more entries than that are chosen; looks no further."""
    bounds = bounds_of(connection, chosen)
    if bounds is None:
        return False
    return any(
        number >= most for number, _ in enumerate(chosen_entries(connection, chosen, bounds))
    )


def _query(chosen: Chosen, index: NotIndexed | None) -> TextClause:
    names = [
        name for name in ("persons", "practitioners", "worked", "events") if _has(chosen, name)
    ]
    more = "".join(_EACH.format(name=name) for name in names)
    times = _times(chosen).replace(" WHERE ", " AND ", 1)
    among = "" if index is None else _AMONG
    but = "" if chosen.but is None else " AND e.entry_id <> :but"
    return text(f"""
        SELECT e.seq, leaf.idx, e.body
        FROM ledger_entry AS e LEFT JOIN ledger_leaf AS leaf ON leaf.entry_seq = e.seq
        WHERE e.seq BETWEEN :first AND :last{among}{times}{more}{but}
        ORDER BY e.seq
    """)  # noqa: S608 of constant parts


def _times(chosen: Chosen) -> str:
    parts = []
    if chosen.since is not None:
        parts.append(_SINCE)
    if chosen.until is not None:
        parts.append(_UNTIL)
    return f" WHERE {' AND '.join(parts)}" if parts else ""


def _has(chosen: Chosen, name: str) -> bool:
    return bool(getattr(chosen, name)) or (name == "worked" and chosen.agency is not None)


def _values(chosen: Chosen) -> Mapping[str, object]:
    """What is compared: opaque ids and codes, of whose letters none is a wildcard but `_`."""
    values: dict[str, object] = {
        # Whatever stands between quotes, or after `practitioner:`, as an actor does.
        "persons": Blobs(f'%"{one}"%'.encode() for one in chosen.persons),
        "practitioners": Blobs(
            each.encode()
            for one in chosen.practitioners
            for each in (f'%"{one}"%', f'%"practitioner:{one}"%')
        ),
        "worked": Blobs(
            _ACTOR + f'practitioner:{one}"%'.encode()
            for one in sorted({one.practitioner for one in chosen.worked})
        ),
        "events": Blobs(
            f'%"event":"{event}",%'.replace("_", r"\_").encode() for event in sorted(chosen.events)
        ),
    }
    wanted: dict[str, object] = {
        name: value for name, value in values.items() if _has(chosen, name)
    }
    if chosen.since is not None:
        wanted["since"] = time_text(chosen.since).encode()
    if chosen.until is not None:
        wanted["until"] = time_text(chosen.until).encode()
    if chosen.but is not None:
        wanted["but"] = chosen.but
    return wanted


def _actor_and_time(body: bytes) -> tuple[str, str]:
    """Who acted, without the word before it, and when, as they stand in an entry's bytes."""
    actor, _, rest = body.removeprefix(_ACTOR).partition(b'"')
    at = rest.find(_AT_NAME) + len(_AT_NAME)
    return actor.decode().removeprefix("practitioner:"), rest[at : at + _TIME_LENGTH].decode()
