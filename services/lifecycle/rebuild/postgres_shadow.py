"""A second set of the shared profile's tables, which the same code fills as it fills the live one.

They are temporary tables of one session, which PostgreSQL looks in first: on that session every
adapter that names `record`, `case_load` or `protected_place` means these, and `public.` the live
ones. With the session they are gone, whatever ends it; nobody else ever sees what is in them.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, Row, StaticPool, create_engine, text

from consent.ledger import LedgerEntry
from schemas.envelope import Event
from schemas.errors import UnreadableEventError
from schemas.identifiers import PersonId, RecordKey
from schemas.records.published import PublishedRecord
from schemas.topics import PARKED
from services.platform.database.engine import database_failures, send_arrays_as_they_are
from services.platform.errors import (
    KeyDestroyedError,
    KeyUnusableError,
    ServiceError,
    ServiceUnavailableError,
)
from services.platform.keys.postgres import PersonKeys
from services.platform.keys.sealing import open_at_rest
from services.profile.parts.content import records_in
from services.profile.storing import Aggregation
from services.work import Outside, UnitOfWork

_CONSUMER = "rebuild"
ONE_AT_A_TIME = 0x7E11_0C0F
"""The number of the lock that a rebuild's session holds."""

_OPTIONS = "-c lock_timeout=30s -c temp_buffers=64MB"
_TRY = text("SELECT pg_try_advisory_lock(:lock)")
_MAKE = (
    text("CREATE TEMPORARY TABLE record (LIKE public.record INCLUDING ALL)"),
    text("CREATE TEMPORARY TABLE case_load (LIKE public.case_load INCLUDING ALL)"),
    text("CREATE TEMPORARY TABLE protected_place (LIKE public.protected_place INCLUDING ALL)"),
    text("""
        CREATE TEMPORARY TABLE seen AS
        SELECT person_id, source, record_key, version FROM public.record
    """),
    text("CREATE UNIQUE INDEX ON pg_temp.seen (person_id, source, record_key)"),
    text("INSERT INTO pg_temp.record SELECT * FROM public.record WHERE removed"),
)
_COUNT = text("SELECT count(*) FROM public.record WHERE NOT removed")
_READ = text("""
    SELECT person_id, source, record_key, sealed, scopes, keeps FROM public.record
    WHERE (person_id, source, record_key) > (:person, :source, :key) AND NOT removed
    ORDER BY person_id, source, record_key LIMIT :most
""")
# What is the same keeps the bytes that it has, and the day from which it is kept.
_AS_BEFORE = text("""
    UPDATE pg_temp.record AS built SET sealed = live.sealed, stored_on = live.stored_on
    FROM unnest(CAST(:persons AS text[]), CAST(:sources AS text[]), CAST(:keys AS text[]),
                CAST(:versions AS text[])) AS same(person_id, source, record_key, version)
    JOIN public.record AS live USING (person_id, source, record_key, version)
    WHERE built.person_id = same.person_id AND built.source = same.source
      AND built.record_key = same.record_key AND built.version = same.version
      AND NOT live.removed
""")
_PURGES = text("SELECT person_id, at FROM person_purge")


class RebuildRunningError(ServiceError):
    """Another rebuild of this database is running; wait for it or end it."""


RowKey = tuple[str, str, str]
"""Under whom a record is stored, from which source, under which key."""

BEGINNING: RowKey = ("", "", "")


@dataclass(frozen=True, slots=True)
class StoredBatch:
    """Records of the live profile, opened, from so many rows; after which the next ones come."""

    records: Sequence[PublishedRecord]
    rows: int
    unreadable: int
    last: RowKey | None


class NothingToEnter:
    """A ledger for what is decided a second time: it is entered as one rebuild, not one by one."""

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        """Enter nothing."""


class NothingToExpect:
    """Purges of a shadow: nothing goes from the live profile by them."""

    def save(self, person: PersonId, *, at: datetime) -> None:
        """Remember nothing."""


@contextmanager
def shadowed(outside: Outside) -> Iterator[Outside]:
    """The same database, keys and clock on a session of its own, for which the shadow is made.

    Raises RebuildRunningError when there is another: the session holds a lock, which whoever is
    killed lets go of. When the session breaks nothing goes on in a new one, where the same names
    would mean the live tables; then it raises ServiceUnavailableError.
    """
    engine = _engine_of_one_session(outside.engine)
    try:
        with database_failures(), engine.begin() as connection:
            if not connection.execute(_TRY, {"lock": ONE_AT_A_TIME}).scalar_one():
                raise RebuildRunningError("another rebuild of this database is running; wait")
        yield replace(outside, engine=engine)
    finally:
        engine.dispose()


def _engine_of_one_session(engine: Engine) -> Engine:
    opened = 0

    def connect() -> Any:
        nonlocal opened
        opened += 1
        if opened > 1:
            raise ServiceUnavailableError(
                "the session of the rebuild broke; nothing has changed: rebuild again"
            )
        address = engine.url.render_as_string(hide_password=False)
        url = address.replace("postgresql+psycopg://", "postgresql://", 1)
        connection = psycopg.connect(url, options=_OPTIONS)
        send_arrays_as_they_are(connection)
        return connection

    return create_engine(engine.url, creator=connect, poolclass=StaticPool, hide_parameters=True)


def make_shadow(connection: Connection) -> int:
    """Make the tables, with every removal in them; gives how many records live has."""
    for statement in _MAKE:
        connection.execute(statement)
    return int(connection.execute(_COUNT).scalar_one())


def shadow_aggregation(work: UnitOfWork, unreadable: list[Event]) -> Aggregation:
    """What records are stored in the shadow with; says nothing to anybody.

    Events that cannot be read are added to `unreadable`: they were parked when they came.
    """

    def set_aside(events: Sequence[Event]) -> None:
        unreadable.extend(event for event in events if event.topic == PARKED)

    return replace(
        work.aggregation(_CONSUMER),
        announce=set_aside,
        purges=NothingToExpect(),
        ledger=NothingToEnter(),
    )


def read_live(connection: Connection, keys: PersonKeys, after: RowKey, *, most: int) -> StoredBatch:
    """The next records of the live profile as their sources said them.

    What does not open under its key, or is no record, is counted and left out: whoever looked at
    it could not read it either. Raises KeyUnusableError when the vault does not open a person's
    key: then it is the vault that is wrong.
    """
    person, source, key = after
    rows = connection.execute(
        _READ, {"person": person, "source": source, "key": key, "most": most}
    ).all()
    keys.load({PersonId(row.person_id) for row in rows})
    records: list[PublishedRecord] = []
    unreadable = 0
    for row in rows:
        try:
            data_key = keys.data_key(PersonId(row.person_id))
        except KeyDestroyedError:
            continue
        try:
            records.append(_record_from_row(row, data_key))
        except (KeyUnusableError, UnreadableEventError):
            unreadable += 1
    last = (rows[-1].person_id, rows[-1].source, rows[-1].record_key) if rows else None
    return StoredBatch(records, len(rows), unreadable, last)


def keep_as_it_was(connection: Connection, records: Sequence[PublishedRecord]) -> None:
    """Let what was read from the live profile, and is stored again, have the same bytes there."""
    connection.execute(
        _AS_BEFORE,
        {
            "persons": [record.persons[0] for record in records],
            "sources": [record.source.value for record in records],
            "keys": [record.key for record in records],
            "versions": [record.version for record in records],
        },
    )


def purges_so_far(connection: Connection) -> Mapping[PersonId, datetime]:
    """When something of whom was last purged."""
    return {PersonId(row.person_id): row.at for row in connection.execute(_PURGES)}


def _record_from_row(row: Row[tuple[object, ...]], data_key: bytes) -> PublishedRecord:
    """What lies in it, and the scopes, which stand beside it."""
    plain = open_at_rest(data_key, bytes(row.sealed), bound_to=row.record_key)
    (opened,) = records_in(plain)
    if (opened.persons[0], opened.source, opened.key) != (
        row.person_id,
        row.source,
        row.record_key,
    ):
        raise KeyUnusableError("stored content is of another record")
    return replace(
        opened,
        scopes=tuple(RecordKey(scope) for scope in row.scopes),
        keeps=tuple(RecordKey(scope) for scope in row.keeps),
    )


# Two sealed contents that say the same: no two sealings look alike, so both are opened.

_AT_ONCE = 1000
_SEALED_APART = text("""
    SELECT person_id, source, record_key, live.sealed AS live, built.sealed AS built
    FROM pg_temp.record AS built
    JOIN public.record AS live USING (person_id, source, record_key, version)
    WHERE (person_id, source, record_key) > (:person, :source, :key)
      AND live.sealed <> built.sealed
    ORDER BY person_id, source, record_key LIMIT :most
""")
_SEALED_ALIKE = text("""
    UPDATE pg_temp.record AS built SET sealed = live.sealed, stored_on = live.stored_on
    FROM public.record AS live
    JOIN unnest(CAST(:persons AS text[]), CAST(:sources AS text[]), CAST(:keys AS text[]))
         AS same(person_id, source, record_key) USING (person_id, source, record_key)
    WHERE built.person_id = same.person_id AND built.source = same.source
      AND built.record_key = same.record_key
""")


def seal_alike(connection: Connection, keys: PersonKeys) -> None:
    """Give what says the same in the shadow as in the live profile the live one's very bytes.

    Whatever is sealed otherwise after this says something else.
    """
    for rows in _sealed_apart(connection):
        keys.load({PersonId(row.person_id) for row in rows})
        same = [row for row in rows if _say_the_same(row, keys)]
        connection.execute(
            _SEALED_ALIKE,
            {
                "persons": [row.person_id for row in same],
                "sources": [row.source for row in same],
                "keys": [row.record_key for row in same],
            },
        )


def _sealed_apart(connection: Connection) -> Iterator[list[Row[tuple[object, ...]]]]:
    after: RowKey = BEGINNING
    while True:
        person, source, key = after
        place = {"person": person, "source": source, "key": key, "most": _AT_ONCE}
        rows = list(connection.execute(_SEALED_APART, place))
        if not rows:
            return
        yield rows
        after = (rows[-1].person_id, rows[-1].source, rows[-1].record_key)


def _say_the_same(row: Row[tuple[object, ...]], keys: PersonKeys) -> bool:
    try:
        key = keys.data_key(PersonId(row.person_id))
        live, built = (
            open_at_rest(key, bytes(sealed), bound_to=row.record_key)
            for sealed in (row.live, row.built)
        )
        return live == built or _record_in(live) == _record_in(built)
    except (KeyDestroyedError, KeyUnusableError, UnreadableEventError):
        return False


def _record_in(plain: bytes) -> tuple[PublishedRecord, ...]:
    return tuple(records_in(plain))
