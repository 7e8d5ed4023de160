"""Reading one feed: every record into staging, a batch a transaction, and then the swap.

(1) What fetching refuses, or what is no list of services, is a failure of the feed: it is noted,
    and everything stays as it was.
(2) A record that cannot be used is parked by itself, by record and field; what was there stays.
(3) A feed that had entries and lists none is a failure too: no council closes everything at once.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from consent.ports import Clock
from services.interfaces.directory.entries.checking import EntryFault, FieldFault, check_service
from services.interfaces.directory.entries.facts import Entry, entry_of
from services.interfaces.directory.feeds import postgres
from services.interfaces.directory.feeds.fetching import (
    FeedFailure,
    FeedUnreadableError,
    Fetching,
)
from services.interfaces.directory.feeds.postgres import Parked, ServiceFeed
from services.interfaces.directory.feeds.reading import Read, read_all
from services.platform.database.engine import Engine

_BATCH: Final = 100
_NIGHT: Final = timedelta(hours=20)
_AGAIN: Final = timedelta(hours=2)
_EARLY, _LATE = 1, 5

Open = Callable[[str], Fetching]
"""Begins to fetch from an address. Raises FeedUnreadableError."""


@dataclass(slots=True)
class _FeedReading:
    """What was found so far."""

    feed: ServiceFeed
    known: dict[str, tuple[str | None, str]]
    records: set[str] = field(default_factory=set)
    parked: list[Parked] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    used: int = 0

    def is_known(self, record: str, mark: str) -> bool:
        """Whether it is held as it was at that mark."""
        return record in self.known and self.known[record][0] == mark

    def listed(self) -> set[str]:
        """The ids of every entry that the feed still has, readable today or not."""
        return self.ids | {self.known[one][1] for one in self.records if one in self.known}

    def park(self, record: str, faults: Iterable[FieldFault], *, is_left_out: bool = False) -> None:
        """Say what is wrong with a record."""
        self.parked += [Parked(self.feed.id, record, one, is_left_out) for one in faults]

    def note_counts(self, page: int, faults: Sequence[FieldFault]) -> None:
        """Say what a page counts wrongly; its services are read all the same."""
        self.park(f"page {page}", faults, is_left_out=True)


def read_feed(
    feed: ServiceFeed, *, engine: Engine, clock: Clock, open_feed: Open
) -> FeedFailure | None:
    """Read it; gives why it was not, if so."""
    with engine.begin() as connection:
        reading = _FeedReading(feed, postgres.known_of(connection, feed.id))
        postgres.begin_staging(connection, feed.id)
    try:
        with open_feed(feed.url) as fetching:
            _stage_all(reading, fetching, engine)
        _require_any(reading, engine)
    except FeedUnreadableError as error:
        with engine.begin() as connection:
            postgres.note_failure(connection, feed.id, error.failure, clock.now())
        return error.failure
    with engine.begin() as connection:
        listed, parked = sorted(reading.listed()), reading.parked
        postgres.swap(connection, feed.id, listed=listed, parked=parked, at=clock.now())
    return None


def is_due(feed: ServiceFeed, now: datetime, *, is_night: bool) -> bool:
    """Whether it is to be read: each night, at once if it never was, again where it failed."""
    if feed.last_read is None:
        return True
    since = now - feed.last_read
    return is_night and since >= (_NIGHT if feed.failure is None else _AGAIN)


def is_night(hour: int) -> bool:
    """Whether it is the time of day at which feeds are read."""
    return _EARLY <= hour < _LATE


def _stage_all(reading: _FeedReading, fetching: Fetching, engine: Engine) -> None:
    feed = reading.feed
    records = read_all(fetching, feed.id, feed.version, reading.is_known, reading.note_counts)
    while batch := list(islice(records, _BATCH)):
        entries = list(_usable(reading, batch))
        with engine.begin() as connection:
            ids = [entry.id for _, _, entry in entries]
            others = postgres.of_others(connection, feed.id, ids)
            for record, _, entry in entries:
                if entry.id in others:
                    reading.park(record, [FieldFault("id", EntryFault.ANOTHERS)])
            own = [one for one in entries if one[2].id not in others]
            postgres.stage(connection, feed.id, own)
            reading.used += len(own)


def _usable(
    reading: _FeedReading, batch: Sequence[Read]
) -> Iterator[tuple[str, str | None, Entry]]:
    """The entries among what was read; the rest of it is parked, or is as before."""
    for read in batch:
        if read.record in reading.records:
            reading.park(read.record, [FieldFault("id", EntryFault.TWICE)])
            continue
        reading.records.add(read.record)
        if read.is_as_before:
            reading.ids.add(reading.known[read.record][1])
            reading.used += 1
            continue
        checked = check_service(read.document)
        if checked.faults:
            reading.park(read.record, checked.faults)
            continue
        entry = entry_of(checked.document)
        if entry.id in reading.ids:
            reading.park(read.record, [FieldFault("id", EntryFault.TWICE)])
            continue
        reading.ids.add(entry.id)
        reading.park(read.record, entry.slips, is_left_out=True)
        yield read.record, read.mark, entry


def _require_any(reading: _FeedReading, engine: Engine) -> None:
    if reading.used:
        return
    with engine.connect() as connection:
        if postgres.has_entries(connection, reading.feed.id):
            raise FeedUnreadableError(FeedFailure.NOT_A_FEED)
