"""Effect exactly once: what happens when somebody else acts between reading and committing."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from io import BytesIO
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import text

from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from connectors.registry import read_messages
from consent.ledger.events import LedgerEvent
from deploy.bench.invented.health_visiting import generate_messages
from schemas.envelope import PLAIN, Event, EventType, event_from_message
from schemas.topics import records_topic
from schemas.vocabulary import Source
from services.platform.bus.ports import BusMessage, EventBus, TopicSpec
from services.platform.bus.postgres_positions import ConsumerPositions, PostgresInbox
from services.platform.errors import ServiceUnavailableError
from services.work import Outside, UnitOfWork, unit_of_work
from services.workers.aggregation import aggregate
from services.workers.consuming import Consumer
from services.workers.relaying import relay_batch
from tests.support.builders import NOW
from tests.support.fakes.fake_event_bus import FakeEventBus
from tests.support.fakes.in_process import InProcess, by_number, ids_of
from tests.support.messages.source_messages import a_message, a_record, the_child
from tests.support.waiting import eventually

pytestmark = pytest.mark.postgres

_TOPIC = "a.topic"
_WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give the main job on a database of its own."""
    with InProcess.running(outside) as running:
        yield running


@pytest.fixture
def bus() -> FakeEventBus:
    """Give a bus with one topic of two partitions and two messages in each."""
    bus = FakeEventBus()
    bus.ensure_topics([TopicSpec(_TOPIC, 2, None, compacted=False)])
    bus.publish([_message(key, f"{key}{n}") for key in ("a", "b", "c", "d") for n in range(2)])
    return bus


def _message(key: str, event_id: str) -> BusMessage:
    event = Event(_TOPIC, key, event_id, EventType.PROFILE_CHANGED, "s", "p", "t", PLAIN, b"{}")
    return BusMessage(_TOPIC, key, event.headers(), event.data)


class Handled:
    """A handler that notes events in the transaction, and may be disturbed once."""

    def __init__(self, disturb: Callable[[], None]) -> None:
        self._disturb = disturb
        self._is_disturbed = False

    def __call__(self, events: Sequence[Event], work: UnitOfWork) -> None:
        PostgresInbox(work.connection, "test").take([event.id for event in events])
        if not self._is_disturbed:
            self._is_disturbed = True
            self._disturb()


def _noted(outside: Outside) -> set[str]:
    with outside.engine.connect() as connection:
        return set(connection.scalars(text("SELECT event_id FROM inbox")))


def _consume_all(consumer: Consumer) -> None:
    while consumer.consume(most=10, timeout=0.05):
        pass
    assert consumer.lag() == 0


def test_what_another_member_did_not_do_is_done_although_the_batch_is_lost(
    bus: FakeEventBus, outside: Outside
) -> None:
    """One partition of a batch was read on by another: the rest of the batch comes again."""
    taken, left = bus.logs_of([_TOPIC])
    name = f"group@{bus.log_id()}"

    def another_goes_on() -> None:
        with unit_of_work(outside) as work:
            positions = ConsumerPositions(work.connection, name)
            positions.advance(taken, stored=None, following=bus.end_of(taken))

    with closing(Consumer(bus, "group", [_TOPIC], outside, Handled(another_goes_on))) as consumer:
        _consume_all(consumer)

    assert _noted(outside) == {dict(m.headers)["ce_id"] for m in bus.tail(left, 0)}
    assert bus.end_of(taken) > 0


def test_a_batch_that_was_stored_already_is_not_done_again(
    bus: FakeEventBus, outside: Outside
) -> None:
    """The connection broke while it committed, so that the consumer takes it for undone."""
    logs = bus.logs_of([_TOPIC])
    handled: list[str] = []

    def store_twice(events: Sequence[Event], _: UnitOfWork) -> None:
        handled.extend(event.id for event in events)
        if len(handled) > len(events):
            return
        with unit_of_work(outside) as other:
            positions = ConsumerPositions(other.connection, f"group@{bus.log_id()}")
            for log in logs:
                positions.advance(log, stored=None, following=bus.end_of(log))
        raise ServiceUnavailableError("gone while committing")

    with closing(Consumer(bus, "group", [_TOPIC], outside, store_twice)) as consumer:
        with pytest.raises(ServiceUnavailableError):
            consumer.consume(most=10, timeout=0.05)
        _consume_all(consumer)

    assert len(handled) == 16
    assert _positions(outside) == {log.partition: bus.end_of(log) for log in logs}


@pytest.mark.parametrize("publishes_first", [False, True])
def test_a_relay_that_dies_half_way_loses_and_doubles_nothing(
    running: InProcess,
    *,
    publishes_first: bool,
) -> None:
    """Before it has published, or after that and before it has forgotten what it published."""
    running.decide(the_child())
    running.receive(a_message("m1", a_record("r1")))
    dying = DyingBus(running.bus, publishes_first=publishes_first)

    with pytest.raises(Died):
        relay_batch(dying, running.relay)
    running.settle()

    on_bus = _events_on(running.bus, records_topic(Source.HEALTH_VISITING))
    assert len(on_bus) == 1 + publishes_first
    assert len({event.id for event in on_bus}) == 1
    assert running.count("record") == 1
    assert running.count("outbox") == 0
    assert len(running.ledger(LedgerEvent.PUBLICATION_PERMITTED)) == 1


def test_a_message_withheld_while_its_family_agrees_comes_again(running: InProcess) -> None:
    """It was decided on before the family agreed, and committed after the news had come."""
    (generated,) = generate_messages(1, seed=1)
    child = by_number(generated.nhs_number, generated.date_of_birth)
    source = Source.HEALTH_VISITING
    found = list(read_messages(source, BytesIO(generated.xml), received_at=NOW))
    with unit_of_work(running.connectors) as work:
        publishing = work.publishing(source, None)
        first = publish_if_permitted(PublishIfPermitted(source, found), publishing=publishing)
        running.decide(child)
        relay_batch(running.bus, running.relay)
        asking = Thread(target=_consume_all, args=(running.resending,))
        asking.start()
        assert eventually(lambda: _someone_waits(running))
    asking.join()
    running.settle()

    assert ids_of(first) == ["withheld"]
    assert running.count("holding_health_visiting.held_message") == 0
    assert running.count("record") > 0


def test_what_is_stored_while_its_family_withdraws_is_purged(running: InProcess) -> None:
    """It was decided on before the withdrawal, and committed after the news had come."""
    decision = running.decide(the_child()).decision
    running.settle()
    running.receive(a_message("m1", a_record("r1")))
    person = running.person(the_child())
    assert person is not None
    relay_batch(running.bus, running.relay)
    published = _events_on(running.bus, records_topic(Source.HEALTH_VISITING))

    with unit_of_work(running.outside) as work:
        aggregate(published, work)
        running.withdraw(decision.id)
        relay_batch(running.bus, running.relay)
        purging = Thread(target=_consume_all, args=(running.aggregating,))
        purging.start()
        assert eventually(lambda: _someone_waits(running))
    purging.join()

    assert published
    assert running.stored(person) == []


def _events_on(bus: EventBus, topic: str) -> list[Event]:
    with bus.subscribe("a-reader", [topic], lambda _: {}) as reader:
        found = reader.poll(100, 2.0)
    return [event_from_message(topic, m.key, m.headers, m.value) for m in found]


class DyingBus:
    """A bus whose publisher dies at one point: before or after the messages are on it."""

    def __init__(self, bus: EventBus, *, publishes_first: bool) -> None:
        self._bus = bus
        self._publishes_first = publishes_first

    def publish(self, messages: Sequence[BusMessage]) -> None:
        if self._publishes_first:
            self._bus.publish(messages)
        raise Died

    def __getattr__(self, name: str) -> Any:
        return getattr(self._bus, name)


class Died(BaseException):
    """Stands for kill -9: the database rolls back what was not committed."""


def _someone_waits(running: InProcess) -> bool:
    with running.outside.engine.connect() as connection:
        return bool(connection.execute(text(_WAITING)).scalar_one())


def _positions(outside: Outside) -> dict[int, int]:
    with outside.engine.connect() as connection:
        rows = connection.execute(text("SELECT partition, next_offset FROM consumer_position"))
        return {row.partition: row.next_offset for row in rows}
