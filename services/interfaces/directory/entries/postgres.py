"""Entries in the database: written by whoever owns them, with everything that they are found by."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from services.interfaces.directory.entries.facts import Entry
from services.platform.database.embedded.postgres import EmbeddedPostgres
from services.platform.database.engine import Engine, database_failures, open_engine
from services.platform.database.migrating import DatabaseTooOldError, is_current
from services.platform.errors import ServiceUnavailableError
from services.platform.settings import Settings

__all__ = ["Connection"]


class DirectoryRole(StrEnum):
    """As whom the directory's processes speak to the database: neither has a right to a person."""

    PUBLIC = "tell_once_directory"
    FEEDS = "tell_once_directory_feeds"


_ANY: Final = text("SELECT FROM directory_service LIMIT 1")
FACTS: Final = (
    "name, status, document, digest, is_withheld, words, minimum_age, maximum_age, needs, terms, "
    "taxonomies, languages, days, ways, access, is_free, assured_on"
)
"""The columns that follow from a document."""
VALUES: Final = (
    ":name, :status, CAST(:document AS jsonb), :digest, :is_withheld, :words, :minimum_age, "
    ":maximum_age, :needs, CAST(:terms AS uuid[]), CAST(:taxonomies AS uuid[]), :languages, "
    "CAST(:days AS smallint[]), :ways, :access, :is_free, :assured_on"
)
SET: Final = ", ".join(f"{name} = excluded.{name}" for name in FACTS.split(", "))

_WRITE: Final = text(f"""
    INSERT INTO directory_service AS s
        (service_id, partner_code, capacity, capacity_words, capacity_on, {FACTS})
    VALUES (:id, :partner, :capacity, :capacity_words, :capacity_on, {VALUES})
    ON CONFLICT (service_id) DO UPDATE SET {SET}, partner_code = excluded.partner_code,
        capacity = excluded.capacity, capacity_words = excluded.capacity_words,
        capacity_on = excluded.capacity_on, revision = s.revision + 1
    WHERE s.feed_id IS NULL AND s.revision = :revision
    RETURNING s.revision
""")  # noqa: S608 of constant parts
_UNPLACE: Final = text("DELETE FROM directory_place WHERE service_id = :id")
_UNSLOT: Final = text("DELETE FROM directory_slot WHERE service_id = :id")
_PLACE: Final = text("""
    INSERT INTO directory_place (place_id, service_id, latitude, longitude)
    VALUES (:place, :id, :latitude, :longitude)
""")
_SLOT: Final = text("""
    INSERT INTO directory_slot (service_id, day, opens, closes) VALUES (:id, :day, :opens, :closes)
""")


def facts_of(entry: Entry) -> dict[str, Any]:
    """The columns of an entry."""
    return {
        "id": entry.id,
        "name": entry.name,
        "status": entry.status,
        "document": json.dumps(entry.document),
        "digest": entry.digest,
        "is_withheld": entry.is_withheld,
        "words": entry.words,
        "minimum_age": entry.minimum_age,
        "maximum_age": entry.maximum_age,
        "needs": [need.value for need in entry.needs],
        "terms": list(entry.terms),
        "taxonomies": list(entry.taxonomies),
        "languages": list(entry.languages),
        "days": list(entry.days),
        "ways": [way.value for way in entry.ways],
        "access": [one.value for one in entry.access],
        "is_free": entry.is_free,
        "assured_on": entry.assured_on,
    }


def write_own(
    connection: Connection, entry: Entry, *, partner: str, revision: int, more: Mapping[str, Any]
) -> bool:
    """Write an entry of a partner's own; False where somebody else changed it meanwhile.

    `revision` is the one that was read, 0 for a new entry; `more` is its capacity.
    """
    values = facts_of(entry) | {"partner": partner, "revision": revision} | dict(more)
    if connection.execute(_WRITE, values).first() is None:
        return False
    _write_parts(connection, [entry])
    return True


def _write_parts(connection: Connection, entries: Iterable[Entry]) -> None:
    for entry in entries:
        connection.execute(_UNPLACE, {"id": entry.id})
        connection.execute(_UNSLOT, {"id": entry.id})
        for place in entry.places:
            point = {"latitude": place.latitude, "longitude": place.longitude}
            connection.execute(_PLACE, {"id": entry.id, "place": place.id, **point})
        for slot in entry.slots:
            times = {"opens": slot.opens, "closes": slot.closes}
            connection.execute(_SLOT, {"id": entry.id, "day": slot.day, **times})


# The directory's processes on the database: without keys, as they hold nobody's record.


# What is asked takes a few milliseconds; compiling it first takes a hundred.
_OPTIONS: Final = "-c jit=off"


@contextmanager
def directory_engine(settings: Settings, role: DirectoryRole) -> Iterator[Engine]:
    """The database that the settings name, at this version. Raises DatabaseTooOldError.

    In a data folder it is the embedded one, which whoever serves brings up to this version.
    """
    if settings.database is not None:
        engine = open_engine(settings.database.get_secret_value(), options=_OPTIONS)
        yield from _current(engine)
        return
    with EmbeddedPostgres.start(Path(settings.data)) as embedded:
        yield from _current(open_engine(embedded.url(), role=role.value, options=_OPTIONS))


def lacks_entries(engine: Engine) -> Sequence[str]:
    """What keeps the directory from being searched, as a code: nothing, where it can be.

    There are no keys and no ledger here: entries that can be read are all it needs.
    """
    try:
        with database_failures(), engine.connect() as connection:
            connection.execute(_ANY).first()
    except (ServiceUnavailableError, DBAPIError):
        return ("database",)
    return ()


def _current(engine: Engine) -> Iterator[Engine]:
    try:
        with database_failures():
            if not is_current(engine):
                raise DatabaseTooOldError(
                    "the database is not at this version; run tell-once migrate"
                )
        yield engine
    finally:
        engine.dispose()
