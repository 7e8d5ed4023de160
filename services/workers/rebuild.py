"""The shared profile built anew beside the live one, compared with it, and put in its place.

Whatever ends it early leaves the live profile as it was; the next rebuild begins afresh.
"""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self
from uuid import uuid4

from consent.ledger import ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from consent.ports import Clock
from schemas.envelope import Event, event_from_message
from schemas.errors import UnreadableEventError
from schemas.identifiers import PersonId
from schemas.topics import PARTITIONS, RECORD_TOPICS, SHARING_DECISIONS
from services.lifecycle.rebuild.postgres_shadow import (
    BEGINNING,
    NothingToEnter,
    keep_as_it_was,
    make_shadow,
    purges_so_far,
    read_live,
    seal_alike,
    shadow_aggregation,
    shadowed,
)
from services.lifecycle.rebuild.postgres_swap import (
    ShadowCompared,
    What,
    compare,
    follow_live,
    hold_live_still,
    live_positions,
    only_in_shadow,
    persons_concerned,
    prepare_to_compare,
    put_in_place,
)
from services.lifecycle.rebuild.rules import ReplayedRecord, replay, replay_doubtful
from services.lifecycle.retention.postgres import PostgresKept
from services.lifecycle.retention.rules import RetentionRules
from services.lifecycle.retention.sweep import KeptBatch, KeptRecord, Sweeping, sweep_batch
from services.platform.bus.ports import EventBus, ReceivedMessage, TopicPartition
from services.platform.errors import BusUnavailable
from services.profile.storing import announce_changed, reconsider_all, store_opened
from services.work import Outside, UnitOfWork, unit_of_work
from services.workers.aggregation import GROUP
from services.workers.retention import FIRST

# Reading the bus again from where its logs begin, up to where aggregation has come.

Positions = Mapping[TopicPartition, int]

_ENTRIES_AT_ONCE = 500
_POLL_SECONDS = 0.2
_JOINING_SECONDS = 60.0
# A compacted log may end in messages that are no longer there, and then is never read to its end.
_QUIET_SECONDS = 3.0


class Reread:
    """A reader of its own: it takes nothing from aggregation and leaves nothing on the bus.

    Reading begins at `begin`, and at the start of the logs that it does not name.
    """

    def __init__(self, bus: EventBus, topics: Collection[str], begin: Positions) -> None:
        self._next = dict(begin)
        self._logs = len(topics) * PARTITIONS
        self._subscription = bus.subscribe(f"rebuild-{uuid4().hex}", topics, self._positions)

    def up_to(self, ends: Positions) -> Iterator[Sequence[ReceivedMessage]]:
        """What there is before these positions, not read so far; nothing of a log not named.

        Raises BusUnavailable, also where the logs are not given to this reader.
        """
        heard = time.monotonic()
        beyond: set[TopicPartition] = set()
        while any(self._next.get(log, 0) < end for log, end in ends.items()):
            messages = self._subscription.poll(_ENTRIES_AT_ONCE, _POLL_SECONDS)
            wanted = [m for m in messages if m.offset < ends.get(_log_of(m), 0)]
            self._advance(messages, ends)
            beyond.update(_log_of(m) for m in messages if m.offset >= ends.get(_log_of(m), 0))
            if messages:
                heard = time.monotonic()
            elif self._is_at_the_end(time.monotonic() - heard):
                break
            if wanted:
                yield wanted
        # What was read beyond is for the next time.
        self._subscription.rewind({log: self._next.get(log, 0) for log in beyond})

    def so_far(self) -> int:
        """How many messages it is past, those included that the bus keeps no more."""
        return sum(self._next.values())

    def close(self) -> None:
        """Leave the bus."""
        self._subscription.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def _positions(self, wanted: Collection[TopicPartition]) -> Positions:
        return {log: self._next[log] for log in wanted if log in self._next}

    def _advance(self, messages: Sequence[ReceivedMessage], ends: Positions) -> None:
        for message in messages:
            log = _log_of(message)
            following = min(message.offset + 1, ends.get(log, 0))
            self._next[log] = max(self._next.get(log, 0), following)

    def _is_at_the_end(self, quiet: float) -> bool:
        if len(self._subscription.assignment()) == self._logs:
            return quiet > _QUIET_SECONDS or not self._subscription.lag()
        if quiet > _JOINING_SECONDS:
            raise BusUnavailable("the bus gives its logs to nobody new; try again later")
        return False


def events_in(messages: Sequence[ReceivedMessage]) -> Sequence[Event]:
    """The events; what is none of ours was parked when it came, and tombstones say nothing."""
    events = []
    for message in messages:
        if not message.value:
            continue
        try:
            events.append(
                event_from_message(message.topic, message.key, message.headers, message.value)
            )
        except UnreadableEventError:
            continue
    return events


def _log_of(message: ReceivedMessage) -> TopicPartition:
    return TopicPartition(message.topic, message.partition)


# What the bus still has and retention has taken from the profile stays taken.


class _Restored:
    """services.lifecycle.retention.sweep.Kept over what came from the bus and is not live.

    What is live goes when its own sweep comes, and is entered in the ledger then.
    """

    def __init__(self, work: UnitOfWork) -> None:
        self._connection = work.connection
        self._kept = PostgresKept(work.connection, work.clusters, work.case_loads)

    def batch(self, after: PersonId, *, today: date) -> KeptBatch | None:
        """All that is stored under the next persons: each is judged by what is said beside it."""
        return self._kept.batch(after, today=today)

    def purge(self, records: Sequence[KeptRecord]) -> Sequence[KeptRecord]:
        """Of these, delete what is not live."""
        places = [(r.persons[0], r.source.value, r.key) for r in records]
        restored = only_in_shadow(self._connection, places)
        return self._kept.purge(
            [r for r, place in zip(records, places, strict=True) if place in restored]
        )


def sweep_restored(work: UnitOfWork, rules: RetentionRules, clock: Clock) -> None:
    """Take from the shadow what is past its time and is not live."""
    sweeping = Sweeping(
        kept=_Restored(work), announce=lambda _: None, ledger=NothingToEnter(), clock=clock
    )
    after: PersonId | None = FIRST
    while after is not None:
        swept = sweep_batch(after, rules, dry_run=False, sweeping=sweeping)
        after = None if swept is None else swept.last


_AT_ONCE = 1000
_NAMED = 100
_TOPICS = (*RECORD_TOPICS, SHARING_DECISIONS)


class Origin(StrEnum):
    """What it is built from: what is stored, or that and whatever the bus still has."""

    BUS = "bus"
    RECORDS = "records"


Progress = Callable[[str, int | None], AbstractContextManager[Callable[[int], None]]]
"""A bar on long work, by what is done and how many there are in all, for as long as a block runs.

Gives a function to tell how many are done by now.
"""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it. `unreadable` are stored records, and events, that could not be opened."""

    rebuild: str
    compared: ShadowCompared
    unreadable: int
    is_in_place: bool


@dataclass(slots=True)
class _Rebuild:
    """One rebuild under way. `shadow` is `outside` where the tables are the new ones."""

    origin: Origin
    bus: EventBus
    shadow: Outside
    progress: Progress
    rules: RetentionRules
    id: str
    unreadable_records: int = 0
    unreadable_events: list[Event] = field(default_factory=list)
    doubtful: list[ReplayedRecord] = field(default_factory=list)

    def run(self, *, dry_run: bool) -> Rebuilt:
        consumer = f"{GROUP}@{self.bus.log_id()}"
        with unit_of_work(self.shadow) as work:
            begin = live_positions(work.connection, consumer)
        with unit_of_work(self.shadow) as work:
            total = make_shadow(work.connection)
        self._copy(total)
        if self.origin is Origin.BUS:
            begin = {log: at for log, at in begin.items() if log.topic == SHARING_DECISIONS}
        with Reread(self.bus, _TOPICS, begin) as log:
            self._catch_up(log, consumer)
            with unit_of_work(self.shadow) as work:
                hold_live_still(work.connection)
                for messages in log.up_to(live_positions(work.connection, consumer)):
                    self._replay(messages, work)
                self._replay_doubtful(work)
                return self._swap(work, dry_run=dry_run)

    def _copy(self, total: int) -> None:
        """What is stored, decided on again; what follows from it is made again."""
        after, done = BEGINNING, 0
        with self.progress("Records", total) as tell:
            while True:
                with unit_of_work(self.shadow) as work:
                    batch = read_live(work.connection, work.keys, after, most=_AT_ONCE)
                    if batch.last is None:
                        return
                    aggregation = shadow_aggregation(work, self.unreadable_events)
                    store_opened({self.id: batch.records}, aggregation=aggregation)
                    keep_as_it_was(work.connection, batch.records)
                self.unreadable_records += batch.unreadable
                after, done = batch.last, done + batch.rows
                tell(done)

    def _catch_up(self, log: Reread, consumer: str) -> None:
        """Replay while aggregation goes on, so that it need wait only for what comes meanwhile."""
        with unit_of_work(self.shadow) as work:
            ends = live_positions(work.connection, consumer)
        with self.progress("Messages", sum(ends.values())) as tell:
            for messages in log.up_to(ends):
                with unit_of_work(self.shadow) as work:
                    self._replay(messages, work)
                tell(log.so_far())
        with unit_of_work(self.shadow) as work:
            self._replay_doubtful(work)
            if self.origin is Origin.BUS:
                sweep_restored(work, self.rules, self.shadow.clock)
            prepare_to_compare(work.connection)

    def _replay(self, messages: Sequence[ReceivedMessage], work: UnitOfWork) -> None:
        aggregation = shadow_aggregation(work, self.unreadable_events)
        events = events_in(messages)
        records = [event for event in events if event.topic != SHARING_DECISIONS]
        changed = {PersonId(e.subject): [e.id] for e in events if e.topic == SHARING_DECISIONS}
        purged = purges_so_far(work.connection)
        self.doubtful += replay(records, purged=purged, aggregation=aggregation)
        concerned = work.clusters.concerned_by(changed)
        causes = {person: changed[of_whom] for person, of_whom in concerned.items()}
        reconsider_all(causes, aggregation=aggregation)

    def _replay_doubtful(self, work: UnitOfWork) -> None:
        aggregation = shadow_aggregation(work, self.unreadable_events)
        replay_doubtful(self.doubtful, because=self.id, aggregation=aggregation)

    def _swap(self, work: UnitOfWork, *, dry_run: bool) -> Rebuilt:
        follow_live(work.connection)
        seal_alike(work.connection, work.keys)
        compared = compare(work.connection, most=_NAMED)
        if not dry_run:
            self._put_in_place(work, compared)
        unreadable = self.unreadable_records + len(self.unreadable_events)
        return Rebuilt(self.id, compared, unreadable, is_in_place=not dry_run)

    def _put_in_place(self, work: UnitOfWork, compared: ShadowCompared) -> None:
        put_in_place(work.connection, at=work.now)
        announce_changed(persons_concerned(work.connection), work.aggregation(GROUP))
        differing = compared.differing
        work.ledger.append(
            [
                ledger_entry(
                    LedgerEvent.PROFILE_REBUILT,
                    {
                        "rebuild": self.id,
                        "origin": self.origin,
                        "records": compared.records,
                        "added": differing.get(What.ADDED, 0),
                        "changed": differing.get(What.CHANGED, 0),
                        "gone": differing.get(What.GONE, 0),
                    },
                    at=work.now,
                    actor="job:rebuild",
                )
            ]
        )


def rebuild(
    origin: Origin,
    *,
    bus: EventBus,
    outside: Outside,
    rules: RetentionRules,
    progress: Progress,
    dry_run: bool,
) -> Rebuilt:
    """Build, compare, and unless it is a dry run put in place; `outside` is the owner's.

    What retention by these rules has taken does not come back from the bus.

    Raises RebuildRunningError, and ServiceError when the bus or the database fails: then, and
    when the process is killed, nothing has changed.
    """
    with shadowed(outside) as shadow:
        rebuild_id = new_entry_id(outside.clock.now()).hex
        return _Rebuild(origin, bus, shadow, progress, rules, rebuild_id).run(dry_run=dry_run)
