"""The event bus when things die: nothing acknowledged is lost, nothing is skipped."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from services.adapters.bus_kafka import KafkaEventBus
from services.adapters.bus_postgres import PostgresEventBus
from services.errors import BusUnavailable
from services.event_bus import EventBus, ReceivedMessage, Subscription, TopicSpec
from tests.contract.event_bus_contract import PositionBook, a_message, read, settle
from tests.support.kafka_broker import LocalBroker

MEMBER = """
import sys, time
from sqlalchemy import create_engine
from services.adapters.bus_postgres import PostgresEventBus

engine = create_engine(sys.argv[1])
with PostgresEventBus(engine).subscribe(sys.argv[2], [sys.argv[3]], lambda logs: {}) as member:
    while True:
        member.poll(max_messages=10, timeout=0.1)
        print(len(member.assignment()), flush=True)
"""


@pytest.fixture
def topic() -> str:
    """Name a topic of its own."""
    return f"test.{uuid4().hex}"


@contextmanager
def publishing(bus: EventBus, topic: str) -> Iterator[set[int]]:
    """Publish numbers until the block ends, each again until acknowledged; give those that were."""
    acknowledged: set[int] = set()
    stop = threading.Event()

    def publish() -> None:
        number = 0
        while not stop.is_set():
            lot = list(range(number, number + 20))
            try:
                bus.publish([a_message(topic, f"key-{n % 5}", b"%d" % n) for n in lot])
            except BusUnavailable:
                time.sleep(0.05)
                continue
            acknowledged.update(lot)
            number += 20

    publisher = threading.Thread(target=publish)
    publisher.start()
    try:
        yield acknowledged
    finally:
        stop.set()
        publisher.join()


def numbers(messages: list[ReceivedMessage]) -> list[int]:
    return [int(message.value) for message in messages]


def read_patiently(subscription: Subscription, received: set[int], wanted: int) -> None:
    """Read until `wanted` more numbers are known, whatever the bus says meanwhile."""
    target = len(received) + wanted
    deadline = time.monotonic() + 60
    while len(received) < target:
        assert time.monotonic() < deadline, f"{len(received)} of {target} came"
        try:
            received.update(numbers(subscription.poll(max_messages=500, timeout=0.2)))
        except BusUnavailable:
            time.sleep(0.05)


@pytest.mark.kafka
@pytest.mark.enable_socket
class TestKafka:
    """With a broker of one's own, which may be killed."""

    def test_nothing_acknowledged_is_lost_when_the_broker_is_killed(
        self, own_kafka: LocalBroker, topic: str
    ):
        """Publisher and reader carry on with the same objects over a kill and a stop."""
        bus = KafkaEventBus([own_kafka.bootstrap_servers], patience=timedelta(seconds=2))
        bus.ensure_topics([TopicSpec(topic, 3, None, compacted=False)])
        received: set[int] = set()

        with bus.subscribe(topic, [topic], PositionBook()) as subscription:
            with publishing(bus, topic) as acknowledged:
                read_patiently(subscription, received, 100)
                own_kafka.kill()
                own_kafka.restart()
                read_patiently(subscription, received, 100)
                own_kafka.restart()
                read_patiently(subscription, received, 100)
            read_patiently(subscription, received, len(acknowledged - received))
        bus.close()

        assert len(acknowledged) > 200
        assert acknowledged <= received

    def test_a_broker_that_is_not_there_is_named(self):
        """With what to do, and within the patience that was asked for."""
        bus = KafkaEventBus(["127.0.0.1:9"], patience=timedelta(seconds=1))
        started = time.monotonic()

        with pytest.raises(BusUnavailable, match=r"127\.0\.0\.1:9.*Look whether the broker runs"):
            bus.publish([a_message("any")])
        with pytest.raises(BusUnavailable, match="subscribe"):
            bus.subscribe("group", ["any"], PositionBook())

        assert time.monotonic() - started < 10
        assert not [t for t in threading.enumerate() if t.name.startswith("kafka-io")]
        bus.close()


@pytest.mark.postgres
class TestPostgres:
    """In a real database."""

    @pytest.fixture
    def bus(self, bus_engine: Engine, topic: str) -> PostgresEventBus:
        """Give a bus with the topic made."""
        bus = PostgresEventBus(bus_engine)
        bus.ensure_topics([TopicSpec(topic, 2, None, compacted=False)])
        return bus

    def test_a_reader_skips_nothing_while_publications_commit_out_of_order(
        self, bus: PostgresEventBus, bus_engine: Engine, topic: str
    ):
        """Six publishers take offsets, dawdle, commit or roll back; a reader reads all along."""
        committed: list[int] = []

        def publish(publisher: int) -> None:
            for turn in range(40):
                number = publisher * 1_000 + turn
                with bus_engine.connect() as connection:
                    lot = [a_message(topic, f"key-{n}", b"%d" % number) for n in range(4)]
                    bus.publish_in(connection, lot)
                    time.sleep((number * 7 % 5) / 1_000)
                    if number % 4:
                        connection.commit()
                        committed.append(number)

        publishers = [threading.Thread(target=publish, args=(n,)) for n in range(6)]
        received: list[ReceivedMessage] = []
        with bus.subscribe(topic, [topic], PositionBook()) as subscription:
            for publisher in publishers:
                publisher.start()
            while any(publisher.is_alive() for publisher in publishers):
                received += subscription.poll(max_messages=7, timeout=0.01)
            received += read(subscription, len(committed) * 4 - len(received))

            assert subscription.lag() == 0
        assert sorted(numbers(received)) == sorted(committed * 4)
        for partition in (0, 1):
            offsets = [message.offset for message in received if message.partition == partition]
            assert offsets == list(range(len(offsets)))

    def test_what_is_not_committed_holds_back_what_comes_after_it(
        self, bus: PostgresEventBus, bus_engine: Engine, topic: str
    ):
        """A later publisher of the same key waits, so a reader cannot overtake the earlier."""
        later = threading.Thread(target=bus.publish, args=([a_message(topic, value=b"later")],))
        with bus.subscribe(topic, [topic], PositionBook()) as subscription:
            settle([subscription], 2)

            with bus_engine.begin() as connection:
                bus.publish_in(connection, [a_message(topic, value=b"earlier")])
                later.start()
                while_open = subscription.poll(max_messages=10, timeout=0.3)
            later.join()
            received = read(subscription, 2)

        assert (while_open, later.is_alive()) == ([], False)
        assert [message.value for message in received] == [b"earlier", b"later"]

    def test_publishers_in_opposite_order_do_not_lock_each_other_out(
        self, bus: PostgresEventBus, topic: str
    ):
        """Whatever the order of the messages, logs are locked in one order."""
        keys = [f"key-{n}" for n in range(8)]

        def publish(ordered: list[str]) -> None:
            for _ in range(60):
                bus.publish([a_message(topic, key) for key in ordered])

        publishers = [
            threading.Thread(target=publish, args=(ordered,)) for ordered in (keys, keys[::-1])
        ]
        for publisher in publishers:
            publisher.start()
        for publisher in publishers:
            publisher.join()

        with bus.subscribe(topic, [topic], PositionBook()) as subscription:
            assert len(read(subscription, 2 * 60 * 8)) == 960

    def test_a_killed_member_is_followed_within_a_second(
        self, bus: PostgresEventBus, bus_engine: Engine, topic: str
    ):
        """Its session ends with the process, and its locks with the session."""
        address = bus_engine.url.render_as_string(hide_password=False)
        command = [sys.executable, "-W", "error", "-c", MEMBER, address, topic, topic]
        with (
            bus.subscribe(topic, [topic], PositionBook()) as survivor,
            subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process,
        ):
            assert process.stdout is not None
            while len(survivor.assignment()) != 1 or process.stdout.readline() != "1\n":
                survivor.poll(max_messages=10, timeout=0.05)

            process.kill()
            killed = time.monotonic()
            while len(survivor.assignment()) != 2:
                survivor.poll(max_messages=10, timeout=0.05)

            assert time.monotonic() - killed < 1.5

    def test_a_lost_connection_is_told_and_mended(
        self, bus: PostgresEventBus, bus_engine: Engine, topic: str
    ):
        """The next poll joins anew and reads on from the stored positions."""
        book = PositionBook()
        bus.publish([a_message(topic, value=b"%d" % n) for n in range(3)])
        with bus.subscribe(topic, [topic], book) as subscription:
            book.store(read(subscription, 3))
            end_other_sessions(bus_engine)
            bus.publish([a_message(topic, value=b"3")])

            with pytest.raises(BusUnavailable, match="poll again"):
                subscription.poll(max_messages=10, timeout=1.0)

            assert numbers(read(subscription, 1)) == [3]

    def test_a_publication_that_rolls_back_never_was(
        self, bus: PostgresEventBus, bus_engine: Engine, topic: str
    ):
        """The relay's transaction takes its messages along."""
        with bus_engine.connect() as connection:
            bus.publish_in(connection, [a_message(topic, value=b"no")])
            connection.rollback()
        bus.publish([a_message(topic, value=b"yes")])

        with bus.subscribe(topic, [topic], PositionBook()) as subscription:
            received = read(subscription, 1)

        assert [(message.value, message.offset) for message in received] == [(b"yes", 0)]


def end_other_sessions(engine: Engine) -> None:
    """End every session on this database but the one that asks."""
    with engine.begin() as connection:
        connection.execute(
            text("""
                SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()
            """)
        )
    engine.dispose()
