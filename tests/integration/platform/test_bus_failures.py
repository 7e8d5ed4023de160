"""The event bus on PostgreSQL when things die or interleave: nothing is lost or skipped."""

import subprocess
import sys
import threading
import time
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from services.platform.bus.ports import ReceivedMessage, TopicSpec
from services.platform.bus.postgres import PostgresEventBus
from services.platform.errors import BusUnavailable
from tests.support.bus_consumer import PositionBook, a_message, read, settle
from tests.support.waiting import on_this_machine

MEMBER = """
import sys, time
from sqlalchemy import create_engine
from services.platform.bus.postgres import PostgresEventBus

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


def numbers(messages: list[ReceivedMessage]) -> list[int]:
    return [int(message.value) for message in messages]


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

            assert time.monotonic() - killed < on_this_machine(1.5)

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
