"""One batch from the bus in one transaction, effect exactly once, whoever dies when; and its loop.

The loop of a process that consumes: a batch, a little beside it, and rest while there is none.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from connectors.registry import load_readers
from schemas.envelope import Event, event_from_message
from schemas.errors import UnreadableEventError
from schemas.topics import SHARING_DECISIONS
from services.audit.integrity.seen import metrics
from services.audit.integrity.seen.metrics import BusGroup, Metrics
from services.audit.integrity.seen.showing import Shown, shown
from services.bootstrap import Application, DatabaseRole
from services.platform.bus.ports import EventBus, ReceivedMessage, Subscription, TopicPartition
from services.platform.bus.postgres import PostgresEventBus
from services.platform.bus.postgres_positions import ConsumerPositions, PositionLostError
from services.platform.database.doorbell import Bell, Doorbell
from services.platform.logging import LogEvent, Logger, configure_logging
from services.platform.loops import Every, Stopping, leave_what_is_loaded, run_until_stopped
from services.profile.storing import entries_for_parked
from services.work import Outside, UnitOfWork, unit_of_work

Handle = Callable[[Sequence[Event], UnitOfWork], None]
Handled = Callable[[int, Sequence[Event]], None]
"""Told what was committed: how many messages, and the events among them."""


class Consumer:
    """A member of a consumer group whose positions lie with its effects in the database."""

    def __init__(
        self, bus: EventBus, group: str, topics: Sequence[str], outside: Outside, handle: Handle
    ) -> None:
        self._topics = topics
        self._outside = outside
        self._handle = handle
        self._name = f"{group}@{bus.log_id()}"
        self._actor = f"job:{group}"
        self._stored: dict[TopicPartition, int | None] = {}
        self.when_handled: Handled = lambda _number, _events: None
        self._subscription: Subscription = bus.subscribe(group, topics, self._positions)

    def consume(self, *, most: int, timeout: float) -> int:
        """Handle the next batch; gives how many messages it had. Raises what the handler raises.

        After a failure the same messages come again; after another member was found to have gone
        on from here, what it left.
        """
        messages = self._subscription.poll(most, timeout)
        if not messages:
            return 0
        firsts, followings = _bounds(messages)
        try:
            with unit_of_work(self._outside) as work:
                events, unreadable = _read(messages)
                self._handle(events, work)
                self._park(unreadable, work)
                self._store(followings, work)
        except BaseException as error:
            # The other partitions of the batch were rolled back as well: none of it is done.
            self._subscription.rewind(firsts)
            if not isinstance(error, PositionLostError):
                raise
            self._subscription.rewind(self._positions(firsts))
            return len(messages)
        self._stored.update(followings)
        self.when_handled(len(messages), events)
        return len(messages)

    def lag(self) -> int:
        """How many messages are waiting in the partitions that this member has."""
        return self._subscription.lag()

    def has_all(self, partitions: int) -> bool:
        """Whether this member has every partition, of at least `partitions` a topic."""
        return len(self._subscription.assignment()) >= partitions * len(self._topics)

    def close(self) -> None:
        """Leave the group."""
        self._subscription.close()

    def _park(self, unreadable: Sequence[ReceivedMessage], work: UnitOfWork) -> None:
        work.outbox.park(unreadable)
        for message in unreadable:
            place = f"{self._name}/{message.partition}/{message.offset}"
            entries = entries_for_parked(message.topic, [place], at=work.now, actor=self._actor)
            work.ledger.append(entries)

    def _positions(self, wanted: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        with unit_of_work(self._outside) as work:
            found = ConsumerPositions(work.connection, self._name).read()
        self._stored.update({partition: found.get(partition) for partition in wanted})
        return {partition: found[partition] for partition in wanted if partition in found}

    def _store(self, followings: Mapping[TopicPartition, int], work: UnitOfWork) -> None:
        positions = ConsumerPositions(work.connection, self._name)
        for partition in sorted(followings, key=str):
            stored = self._stored.get(partition)
            positions.advance(partition, stored=stored, following=followings[partition])


def _bounds(
    messages: Sequence[ReceivedMessage],
) -> tuple[dict[TopicPartition, int], dict[TopicPartition, int]]:
    firsts: dict[TopicPartition, int] = {}
    followings: dict[TopicPartition, int] = {}
    for message in messages:
        partition = TopicPartition(message.topic, message.partition)
        firsts.setdefault(partition, message.offset)
        followings[partition] = message.offset + 1
    return firsts, followings


def _read(
    messages: Sequence[ReceivedMessage],
) -> tuple[Sequence[Event], Sequence[ReceivedMessage]]:
    """The events, and what is none of ours, which is parked as it came; tombstones say nothing."""
    events, unreadable = [], []
    for message in messages:
        if not message.value:
            continue
        try:
            event = event_from_message(message.topic, message.key, message.headers, message.value)
            events.append(event)
        except UnreadableEventError:
            unreadable.append(message)
    return events, unreadable


# The loop of a process that consumes.

Busy = Callable[[Outside], int]
"""Called over and over by a process; gives how much it did, 0 where there is nothing left to do."""

WORTHWHILE = 150
"""What is less than that may wait a moment for more."""
GATHER_SECONDS = 0.04
LOOK_AT_LEAST_EVERY = 2.0
"""Where no bell rings: what a ring was lost of is found by then."""
_BATCH = 400
_POLL_SECONDS = 0.2
_LAG_EVERY = 15.0


@dataclass(frozen=True, slots=True)
class Consuming:
    """Who consumes, with which rights; `tidy` before each batch, `idle` after one of a few."""

    name: str
    role: DatabaseRole
    make: Callable[[EventBus, Outside], Consumer]
    tidy: Busy
    idle: Busy = lambda _: 0


def showing_itself(
    application: Application,
    outside: Outside,
    log: Logger,
    *,
    of: Sequence[metrics.Metric] = (),
    also: Sequence[metrics.Collecting] = (),
) -> AbstractContextManager[Shown]:
    """Around the loop of a process: its port for metrics and health, where one is set."""
    return shown(application.settings, outside, log, of=of, also=also)


def run_consumer(application: Application, consuming: Consuming) -> int:
    """Consume until stopped."""
    log = configure_logging(consuming.name)
    outside, stopping = application.outside(consuming.role), Stopping()
    load_readers()
    leave_what_is_loaded()
    log.info(LogEvent.PROCESS_STARTED)
    with ExitStack() as stack:
        bus = application.open_bus(consuming.role)
        stack.callback(bus.close)
        showing = stack.enter_context(
            showing_itself(application, outside, log, of=metrics.OF_CONSUMERS)
        )
        telling = _Telling(showing.metrics, BusGroup(consuming.name), outside)
        bell = _bell_of(bus, outside, stopping)
        if bell is not None:
            stack.callback(bell.close)
        run_until_stopped(
            showing.turning(
                _step_of(consuming, bus, telling, stack, seconds=0.0 if bell else _POLL_SECONDS)
            ),
            stopping=stopping,
            idle_wait=GATHER_SECONDS,
            log=log,
            rest=None if bell is None else partial(bell.wait, LOOK_AT_LEAST_EVERY),
            worthwhile=WORTHWHILE,
        )
    log.info(LogEvent.PROCESS_STOPPED)
    return 0


class _Telling:
    """Tells metrics what was done, and now and then how much there is to do."""

    def __init__(self, told: Metrics, group: BusGroup, outside: Outside) -> None:
        self.outside = outside
        self._told = told
        self._group = group.value
        self._looking = Every(_LAG_EVERY)

    def handled(self, number: int, events: Sequence[Event]) -> None:
        """Count what was committed, and how long decisions took to get here."""
        self._told.count(metrics.HANDLED, number, group=self._group)
        now = self.outside.clock.now()
        for event in events:
            if event.topic == SHARING_DECISIONS and self._group == BusGroup.AGGREGATION:
                waited = now - datetime.fromisoformat(event.time)
                seconds = max(0.0, waited.total_seconds())
                self._told.observe(metrics.DECISION_TO_PROFILE, seconds)

    def waits(self, consumer: Consumer) -> None:
        """Look how much this member has before it, if it is time."""
        if self._looking.is_due():
            self._told.put(metrics.LAG, consumer.lag(), group=self._group)


def _step_of(
    consuming: Consuming, bus: EventBus, telling: _Telling, stack: ExitStack, *, seconds: float
) -> Callable[[], int]:
    """A batch, waited for so long, and what is done beside it; who consumes joins at the first."""
    outside = telling.outside
    consumer: Consumer | None = None

    def step() -> int:
        nonlocal consumer
        if consumer is None:
            consumer = consuming.make(bus, outside)
            consumer.when_handled = telling.handled
            stack.callback(consumer.close)
        done = consuming.tidy(outside)
        moved = consumer.consume(most=_BATCH, timeout=seconds)
        telling.waits(consumer)
        if moved < WORTHWHILE:
            done += consuming.idle(outside)
        return moved + done

    return step


def _bell_of(bus: EventBus, outside: Outside, stopping: Stopping) -> Doorbell | None:
    """What rings when something is published; Kafka's own client waits for that by itself."""
    match bus:
        case PostgresEventBus():
            return Doorbell(outside.engine, Bell.BUS, stopping)
        case _:
            return None
