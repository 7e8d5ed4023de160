"""The shared profile built anew beside the live one, compared with it, and put in its place.

Whatever ends it early leaves the live profile as it was; the next rebuild begins afresh.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from consent.ledger import ledger_entry, new_entry_id
from consent.ledger_events import LedgerEvent
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.topics import RECORD_TOPICS, SHARING_DECISIONS
from services.adapters.rebuild_contents import seal_alike
from services.adapters.rebuild_shadow import (
    BEGINNING,
    keep_as_it_was,
    make_shadow,
    purges_so_far,
    read_live,
    shadow_aggregation,
    shadowed,
)
from services.adapters.rebuild_swap import (
    Compared,
    What,
    compare,
    follow_live,
    hold_live_still,
    live_positions,
    persons_concerned,
    prepare_to_compare,
    put_in_place,
)
from services.adapters.unit_of_work import Outside, UnitOfWork, unit_of_work
from services.aggregation.handlers import announce_changed, reconsider_all, store_opened
from services.aggregation.rebuilding import Said, replay, replay_doubtful
from services.aggregation.retention import RetentionRules
from services.event_bus import EventBus, ReceivedMessage
from services.workers.aggregating import GROUP
from services.workers.rebuilding_log import Reread, events_in
from services.workers.rebuilding_sweep import sweep_restored

_AT_ONCE = 1000
_NAMED = 100
_TOPICS = (*RECORD_TOPICS, SHARING_DECISIONS)


class Origin(StrEnum):
    """What it is built from: what is stored, or that and whatever the bus still has."""

    BUS = "bus"
    RECORDS = "records"


class Progress(Protocol):
    """A bar on long work; gives a function to tell how many are done by now."""

    def __call__(
        self, what: str, *, total: int | None
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Show it for as long as the block runs."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of it. `unreadable` are stored records, and events, that could not be opened."""

    rebuild: str
    compared: Compared
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
    doubtful: list[Said] = field(default_factory=list)

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
        with self.progress("Records", total=total) as tell:
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
        with self.progress("Messages", total=sum(ends.values())) as tell:
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
        changed = {PersonId(e.subject): e.id for e in events if e.topic == SHARING_DECISIONS}
        purged = purges_so_far(work.connection)
        self.doubtful += replay(records, purged=purged, aggregation=aggregation)
        reconsider_all(changed, aggregation=aggregation)

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

    def _put_in_place(self, work: UnitOfWork, compared: Compared) -> None:
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
