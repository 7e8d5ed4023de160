"""Feeds in the database: who is read, what is staged, and the swap, which is one transaction."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from services.interfaces.directory.entries.checking import FieldFault
from services.interfaces.directory.entries.facts import Entry
from services.interfaces.directory.entries.postgres import FACTS, SET, VALUES, facts_of
from services.interfaces.directory.feeds.fetching import FeedFailure
from services.interfaces.directory.feeds.reading import FeedVersion


@dataclass(frozen=True, slots=True)
class ServiceFeed:
    """A council's feed, and how its last reading went."""

    id: str
    name: str
    url: str
    version: FeedVersion
    last_read: datetime | None = None
    last_ok: datetime | None = None
    failure: FeedFailure | None = None
    entries: int = 0
    parked: int = 0


@dataclass(frozen=True, slots=True)
class Parked:
    """A field of a record of a feed that is wrong; `is_left_out` where the rest of it is used."""

    feed: str
    record: str
    field: FieldFault
    is_left_out: bool


_FEED: Final = "feed_id, name, url, version, last_read, last_ok, failure, entries, parked"
_FEEDS: Final = text(f"SELECT {_FEED} FROM directory_feed ORDER BY feed_id")  # noqa: S608
_ADD: Final = text("""
    INSERT INTO directory_feed (feed_id, name, url, version, added_by, added_at)
    VALUES (:id, :name, :url, :version, :by, :at) ON CONFLICT DO NOTHING RETURNING feed_id
""")
_REMOVE: Final = text("DELETE FROM directory_feed WHERE feed_id = :feed RETURNING feed_id")
_KNOWN: Final = text("""
    SELECT record, mark, service_id FROM directory_service
    WHERE feed_id = :feed AND status <> 'inactive'
""")
_OTHERS: Final = text("""
    SELECT service_id FROM directory_service
    WHERE service_id = ANY(CAST(:ids AS uuid[])) AND feed_id IS DISTINCT FROM :feed
""")
_UNSTAGE: Final = text("DELETE FROM directory_staged WHERE feed_id = :feed")
_STAGE: Final = text(f"""
    INSERT INTO directory_staged (feed_id, service_id, record, mark, places, slots, {FACTS})
    VALUES (:feed, :id, :record, :mark, CAST(:places AS jsonb), CAST(:slots AS jsonb), {VALUES})
    ON CONFLICT DO NOTHING
""")  # noqa: S608 of constant parts
_TAKE: Final = text(f"""
    INSERT INTO directory_service AS s (service_id, feed_id, record, mark, {FACTS})
    SELECT service_id, feed_id, record, mark, {FACTS} FROM directory_staged WHERE feed_id = :feed
    ON CONFLICT (service_id) DO UPDATE SET {SET}, record = excluded.record, mark = excluded.mark,
        revision = s.revision + 1
    WHERE s.feed_id = excluded.feed_id AND (s.digest, s.mark) IS DISTINCT FROM
        (excluded.digest, excluded.mark)
""")  # noqa: S608 of constant parts
_VANISH: Final = text("""
    UPDATE directory_service AS s
    SET status = 'inactive', revision = revision + 1, digest = '\\x00', mark = NULL,
        document = jsonb_set(document, '{status}', '"inactive"')
    WHERE s.feed_id = :feed AND s.status <> 'inactive'
        AND s.service_id <> ALL(CAST(:listed AS uuid[]))
""")
_UNPLACE: Final = text("""
    DELETE FROM directory_place USING directory_staged AS t
    WHERE t.feed_id = :feed AND directory_place.service_id = t.service_id
""")
_PLACE: Final = text("""
    INSERT INTO directory_place (place_id, service_id, latitude, longitude)
    SELECT DISTINCT ON (t.service_id, p.id) p.id, t.service_id, p.latitude, p.longitude
    FROM directory_staged AS t, jsonb_to_recordset(t.places)
        AS p (id uuid, latitude double precision, longitude double precision)
    WHERE t.feed_id = :feed
""")
_UNSLOT: Final = text("""
    DELETE FROM directory_slot USING directory_staged AS t
    WHERE t.feed_id = :feed AND directory_slot.service_id = t.service_id
""")
_SLOT: Final = text("""
    INSERT INTO directory_slot (service_id, day, opens, closes)
    SELECT t.service_id, p.day, p.opens, p.closes
    FROM directory_staged AS t,
        jsonb_to_recordset(t.slots) AS p (day smallint, opens time, closes time)
    WHERE t.feed_id = :feed
""")
_UNPARK: Final = text("DELETE FROM directory_parked WHERE feed_id = :feed")
_PARK: Final = text("""
    INSERT INTO directory_parked (feed_id, record, field, fault, is_left_out, read_at)
    VALUES (:feed, :record, :field, :fault, :is_left_out, :at)
""")
_PARKED: Final = text("""
    SELECT feed_id, record, field, fault, is_left_out FROM directory_parked
    WHERE CAST(:feed AS text) IS NULL OR feed_id = :feed ORDER BY feed_id, record, field
""")
_WAS_READ: Final = text("""
    UPDATE directory_feed
    SET last_read = :at, last_ok = :at, failure = NULL, parked = :parked,
        entries = (SELECT count(*) FROM directory_service
                   WHERE feed_id = :feed AND status <> 'inactive')
    WHERE feed_id = :feed
""")
_FAILED: Final = text("""
    UPDATE directory_feed SET last_read = :at, failure = :failure WHERE feed_id = :feed
""")
_IS_ANY: Final = text("""
    SELECT EXISTS (SELECT FROM directory_service WHERE feed_id = :feed AND status <> 'inactive')
""")


def feeds(connection: Connection) -> Sequence[ServiceFeed]:
    """Every feed."""
    return [_feed(row) for row in connection.execute(_FEEDS)]


def add_feed(connection: Connection, feed: ServiceFeed, *, by: str, at: datetime) -> bool:
    """Enter one; False where its id or its address is there already."""
    values = {"id": feed.id, "name": feed.name, "url": feed.url, "version": feed.version.value}
    return connection.execute(_ADD, values | {"by": by, "at": at}).first() is not None


def remove_feed(connection: Connection, feed: str) -> bool:
    """Take one out with all its entries; False where there is none."""
    return connection.execute(_REMOVE, {"feed": feed}).first() is not None


def known_of(connection: Connection, feed: str) -> dict[str, tuple[str | None, str]]:
    """Of each record that is held as active: its mark, and the entry's id."""
    rows = connection.execute(_KNOWN, {"feed": feed})
    return {row.record: (row.mark, str(row.service_id)) for row in rows}


def of_others(connection: Connection, feed: str, ids: Sequence[str]) -> frozenset[str]:
    """Which of these ids are entries of somebody else."""
    rows = connection.execute(_OTHERS, {"feed": feed, "ids": list(ids)})
    return frozenset(str(row.service_id) for row in rows)


def begin_staging(connection: Connection, feed: str) -> None:
    """Forget what an earlier reading staged and never swapped."""
    connection.execute(_UNSTAGE, {"feed": feed})


def stage(connection: Connection, feed: str, read: Sequence[tuple[str, str | None, Entry]]) -> None:
    """Put entries aside, each with its record and its mark."""
    rows = [
        facts_of(entry)
        | {"feed": feed, "record": record, "mark": mark}
        | {"places": json.dumps(_places(entry)), "slots": json.dumps(_slots(entry))}
        for record, mark, entry in read
    ]
    if rows:
        connection.execute(_STAGE, rows)


def swap(
    connection: Connection,
    feed: str,
    *,
    listed: Sequence[str],
    parked: Sequence[Parked],
    at: datetime,
) -> None:
    """Let what was staged take the place of what was there.

    `listed` are the ids of all that the feed lists, those of records that are parked too: an entry
    that cannot be read today stays as it was; one that is not listed any more becomes inactive.
    """
    named = {"feed": feed}
    for statement in (_TAKE, _UNPLACE, _PLACE, _UNSLOT, _SLOT):
        connection.execute(statement, named)
    connection.execute(_VANISH, {**named, "listed": list(listed)})
    connection.execute(_UNPARK, named)
    rows = [
        {"feed": feed, "record": one.record, "field": one.field.field, "at": at}
        | {"fault": one.field.fault.value, "is_left_out": one.is_left_out}
        for one in parked
    ]
    if rows:
        connection.execute(_PARK, rows)
    count = len({one.record for one in parked if not one.is_left_out})
    connection.execute(_WAS_READ, {**named, "at": at, "parked": count})
    connection.execute(_UNSTAGE, named)


def note_failure(connection: Connection, feed: str, failure: FeedFailure, at: datetime) -> None:
    """Say why a feed was not read; its entries stay as they were."""
    connection.execute(_FAILED, {"feed": feed, "failure": failure.value, "at": at})


def has_entries(connection: Connection, feed: str) -> bool:
    """Whether anything of it is held as active."""
    return bool(connection.execute(_IS_ANY, {"feed": feed}).scalar())


def parked_of(connection: Connection, feed: str | None = None) -> Sequence[Row[Any]]:
    """What was wrong when feeds were last read, of one or of all."""
    return connection.execute(_PARKED, {"feed": feed}).all()


def _feed(row: Row[Any]) -> ServiceFeed:
    return ServiceFeed(
        row.feed_id,
        row.name,
        row.url,
        FeedVersion(row.version),
        row.last_read,
        row.last_ok,
        None if row.failure is None else FeedFailure(row.failure),
        row.entries,
        row.parked,
    )


def _places(entry: Entry) -> list[dict[str, Any]]:
    return [
        {"id": place.id, "latitude": place.latitude, "longitude": place.longitude}
        for place in entry.places
    ]


def _slots(entry: Entry) -> list[dict[str, Any]]:
    return [
        {"day": slot.day}
        | {
            "opens": None if slot.opens is None else slot.opens.isoformat(),
            "closes": None if slot.closes is None else slot.closes.isoformat(),
        }
        for slot in entry.slots
    ]
