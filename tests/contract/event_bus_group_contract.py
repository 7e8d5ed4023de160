"""What the members of a consumer group may rely on: the part of the contract about positions."""

import time
from collections.abc import Collection, Mapping
from uuid import uuid4

import pytest

from services.platform.bus.ports import (
    EventBus,
    ReceivedMessage,
    Subscription,
    TopicPartition,
    TopicSpec,
)
from services.platform.errors import ServiceError
from tests.support.bus_consumer import PositionBook, a_message, read, settle
from tests.support.waiting import GENEROUS


class EventBusGroupContract:
    """Subclasses give the fixtures `bus`, `topic` and `group`, and say what a killed member is."""

    def die(self, member: Subscription) -> None:
        """Do to a member what kill -9 would do to it."""
        raise NotImplementedError

    def test_every_message_comes_once_when_positions_are_honoured(
        self, bus: EventBus, topic: str, group: str
    ):
        """A member that comes back reads on where its positions say."""
        book = PositionBook()
        bus.publish([a_message(topic, f"key-{n}", b"%d" % n) for n in range(30)])
        with bus.subscribe(group, [topic], book) as subscription:
            first = read(subscription, 30)
            book.store(first)
        bus.publish([a_message(topic, f"key-{n}", b"%d" % n) for n in range(30, 60)])

        with bus.subscribe(group, [topic], book) as subscription:
            second = read(subscription, 30)

            assert subscription.poll(max_messages=500, timeout=0.3) == []
        assert sorted(int(message.value) for message in first + second) == list(range(60))

    def test_messages_come_again_from_the_positions_given(
        self, bus: EventBus, topic: str, group: str
    ):
        """What was read but not stored is read again."""
        bus.publish([a_message(topic, value=b"%d" % n) for n in range(10)])
        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            tenth = read(subscription, 10)[-1]
        book = PositionBook()
        book.positions[TopicPartition(topic, tenth.partition)] = 4

        with bus.subscribe(group, [topic], book) as subscription:
            received = read(subscription, 6)

        assert [message.value for message in received] == [b"%d" % n for n in range(4, 10)]

    def test_a_position_beyond_the_end_starts_over(self, bus: EventBus, topic: str, group: str):
        """It can only come from another log: reading again is safe, skipping is not."""
        bus.publish([a_message(topic)])
        book = PositionBook()
        book.positions = {TopicPartition(topic, number): 1_000 for number in range(4)}

        with bus.subscribe(group, [topic], book) as subscription:
            received = read(subscription, 1)

        assert [message.offset for message in received] == [0]

    def test_positions_are_asked_once_for_each_partition(
        self, bus: EventBus, topic: str, group: str
    ):
        """And not again while the partition stays."""
        book = PositionBook()

        with bus.subscribe(group, [topic], book) as subscription:
            settle([subscription], 4)
            subscription.poll(max_messages=10, timeout=0.6)

        assert sorted(log.partition for log in book.asked) == [0, 1, 2, 3]

    def test_an_error_from_positions_comes_out_and_is_mended_by_the_next_poll(
        self, bus: EventBus, topic: str, group: str
    ):
        """The consumer's database may be away for a moment."""
        bus.publish([a_message(topic)])
        book = PositionBook()
        failures = [ServiceError("no database")]

        def positions(logs: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
            if failures:
                raise failures.pop()
            return book(logs)

        with bus.subscribe(group, [topic], positions) as subscription:
            with pytest.raises(ServiceError, match="no database"):
                read(subscription, 1)

            assert len(read(subscription, 1)) == 1

    def test_groups_do_not_know_of_each_other(self, bus: EventBus, topic: str, group: str):
        """Each reads everything."""
        bus.publish([a_message(topic, f"key-{n}") for n in range(8)])

        with (
            bus.subscribe(group, [topic], PositionBook()) as one,
            bus.subscribe(f"{group}-other", [topic], PositionBook()) as other,
        ):
            assert len(read(one, 8)) == len(read(other, 8)) == 8

    def test_two_members_share_the_partitions(self, bus: EventBus, topic: str, group: str):
        """Every message goes to one of them."""
        with (
            bus.subscribe(group, [topic], PositionBook()) as one,
            bus.subscribe(group, [topic], PositionBook()) as other,
        ):
            settle([one, other], 4)
            bus.publish([a_message(topic, f"key-{n}", b"%d" % n) for n in range(100)])

            received: list[ReceivedMessage] = []
            deadline = time.monotonic() + GENEROUS
            while len(received) < 100 and time.monotonic() < deadline:
                received += one.poll(max_messages=500, timeout=0.1)
                received += other.poll(max_messages=500, timeout=0.1)

            assert one.assignment().isdisjoint(other.assignment())
            assert sorted(int(message.value) for message in received) == list(range(100))

    def test_a_member_that_comes_later_takes_its_part(self, bus: EventBus, topic: str, group: str):
        """And reads on from the stored positions; nothing comes twice, nothing is lost."""
        book = PositionBook()
        bus.publish([a_message(topic, f"key-{n}", b"%d" % n) for n in range(50)])
        with bus.subscribe(group, [topic], book) as one:
            book.store(read(one, 50))

            with bus.subscribe(group, [topic], book) as other:
                settle([one, other], 4)

                assert one.lag() == other.lag() == 0

    def test_a_member_that_leaves_is_followed_at_once(self, bus: EventBus, topic: str, group: str):
        """What it had not stored goes to the one that stays."""
        book = PositionBook()
        with bus.subscribe(group, [topic], book) as stays:
            with bus.subscribe(group, [topic], book) as leaves:
                settle([stays, leaves], 4)
                bus.publish([a_message(topic, f"key-{n}", b"%d" % n) for n in range(40)])
                leaves.poll(max_messages=500, timeout=1.0)

            received = read(stays, 40)

        assert sorted(int(message.value) for message in received) == list(range(40))

    def test_a_member_that_dies_is_followed(self, bus: EventBus, topic: str, group: str):
        """What it had not stored goes to the one that lives."""
        book = PositionBook()
        with bus.subscribe(group, [topic], book) as lives:
            dies = bus.subscribe(group, [topic], book)
            settle([lives, dies], 4)
            bus.publish([a_message(topic, f"key-{n}", b"%d" % n) for n in range(40)])
            dies.poll(max_messages=500, timeout=1.0)

            self.die(dies)
            received = read(lives, 40)

        assert sorted(int(message.value) for message in received) == list(range(40))

    def test_a_member_without_a_partition_waits(self, bus: EventBus, group: str):
        """It takes over when the other leaves."""
        name = f"test.{uuid4().hex}"
        bus.ensure_topics([TopicSpec(name, 1, None, compacted=False)])
        bus.publish([a_message(name)])
        with bus.subscribe(group, [name], PositionBook()) as spare:
            with bus.subscribe(group, [name], PositionBook()) as first:
                deadline = time.monotonic() + GENEROUS
                while not (first.assignment() or spare.assignment()):
                    assert time.monotonic() < deadline
                    first.poll(max_messages=1, timeout=0.1)
                    spare.poll(max_messages=1, timeout=0.1)
            deadline = time.monotonic() + GENEROUS
            while not spare.assignment():
                assert time.monotonic() < deadline
                spare.poll(max_messages=1, timeout=0.1)

    def test_a_rewound_partition_is_read_again(self, bus: EventBus, topic: str, group: str):
        """A batch that failed comes again; other partitions go on."""
        bus.publish([a_message(topic, value=b"%d" % n) for n in range(10)])
        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            first = read(subscription, 10)[0]

            subscription.rewind({TopicPartition(topic, first.partition): 7})

            assert [message.value for message in read(subscription, 3)] == [b"7", b"8", b"9"]

    def test_rewinding_what_is_not_held_does_nothing(self, bus: EventBus, topic: str, group: str):
        """The partition may have gone to another member meanwhile."""
        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            subscription.rewind({TopicPartition(topic, 0): 0, TopicPartition("elsewhere", 3): 0})

    def test_polls_without_patience_get_there_too(self, bus: EventBus, topic: str, group: str):
        """A consumer that only looks in from time to time joins and reads all the same."""
        bus.publish([a_message(topic, f"key-{n}") for n in range(9)])
        received: list[ReceivedMessage] = []

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            deadline = time.monotonic() + GENEROUS
            while len(received) < 9:
                assert time.monotonic() < deadline
                received += subscription.poll(max_messages=500, timeout=0)
                time.sleep(0.05)
