"""What every event bus must do. Each adapter, and the fake, runs this same suite."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from services.errors import MessageTooLarge, ServiceError, UnknownTopic
from services.event_bus import (
    MAX_MESSAGE_BYTES,
    BusMessage,
    EventBus,
    ReceivedMessage,
    Subscription,
    TopicPartition,
    TopicSpec,
)

PATIENCE = 20.0


class PositionBook:
    """Keeps a consumer's positions, as its database would."""

    def __init__(self) -> None:
        self.positions: dict[TopicPartition, int] = {}
        self.asked: list[TopicPartition] = []

    def __call__(self, partitions: Collection[TopicPartition]) -> Mapping[TopicPartition, int]:
        self.asked += partitions
        return {log: self.positions[log] for log in partitions if log in self.positions}

    def store(self, messages: Iterable[ReceivedMessage]) -> None:
        for message in messages:
            self.positions[TopicPartition(message.topic, message.partition)] = message.offset + 1


def a_message(topic: str, key: str = "a-key", value: bytes = b"a value") -> BusMessage:
    return BusMessage(topic=topic, key=key, headers=(), value=value)


def read(subscription: Subscription, count: int) -> list[ReceivedMessage]:
    """Poll until `count` messages have come."""
    received: list[ReceivedMessage] = []
    deadline = time.monotonic() + PATIENCE
    while len(received) < count:
        assert time.monotonic() < deadline, f"only {len(received)} of {count} messages came"
        received += subscription.poll(max_messages=500, timeout=0.5)
    return received


def settle(members: Sequence[Subscription], logs: int) -> None:
    """Let the members poll in turn until they hold all the logs, each its part."""
    deadline = time.monotonic() + PATIENCE
    while True:
        for member in members:
            assert member.poll(max_messages=500, timeout=0.1) == []
        sizes = [len(member.assignment()) for member in members]
        if sum(sizes) == logs and max(sizes) - min(sizes) <= 1:
            return
        assert time.monotonic() < deadline, f"the group did not settle: {sizes} of {logs}"


def values_by_key(messages: Iterable[ReceivedMessage]) -> dict[str, list[bytes]]:
    values = defaultdict(list)
    for message in messages:
        values[message.key].append(message.value)
    return dict(values)


class EventBusContract:
    """Subclasses give the fixture `bus` and say what a killed member is."""

    def die(self, member: Subscription) -> None:
        """Do to a member what kill -9 would do to it."""
        raise NotImplementedError

    @pytest.fixture
    def topic(self, bus: EventBus) -> str:
        """Make a topic of four partitions."""
        name = f"test.{uuid4().hex}"
        bus.ensure_topics([TopicSpec(name, 4, None, compacted=False)])
        return name

    @pytest.fixture
    def group(self) -> str:
        """Name a group of its own."""
        return f"group-{uuid4().hex}"

    def test_messages_of_one_key_come_in_the_order_they_were_published(
        self, bus: EventBus, topic: str, group: str
    ):
        """Within one list and from one list to the next."""
        messages = [a_message(topic, f"key-{n % 7}", b"%d" % n) for n in range(210)]

        bus.publish(messages[:100])
        bus.publish(messages[100:])

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            received = read(subscription, 210)
        assert values_by_key(received) == {
            f"key-{k}": [b"%d" % n for n in range(k, 210, 7)] for k in range(7)
        }

    def test_messages_of_one_key_share_a_partition(self, bus: EventBus, topic: str, group: str):
        """Keys stay where they are, and are spread over several partitions."""
        bus.publish([a_message(topic, f"key-{n % 40}") for n in range(200)])

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            received = read(subscription, 200)

        places = defaultdict(set)
        for message in received:
            places[message.key].add(message.partition)
        assert all(len(partitions) == 1 for partitions in places.values())
        assert len(set().union(*places.values())) > 1

    def test_offsets_rise_within_a_partition(self, bus: EventBus, topic: str, group: str):
        """The next position is one after the offset."""
        bus.publish([a_message(topic, f"key-{n}") for n in range(50)])

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            received = read(subscription, 50)

        offsets = defaultdict(list)
        for message in received:
            offsets[message.partition].append(message.offset)
        assert all(list(range(len(seen))) == seen for seen in offsets.values())

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
            deadline = time.monotonic() + PATIENCE
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
                deadline = time.monotonic() + PATIENCE
                while not (first.assignment() or spare.assignment()):
                    assert time.monotonic() < deadline
                    first.poll(max_messages=1, timeout=0.1)
                    spare.poll(max_messages=1, timeout=0.1)
            deadline = time.monotonic() + PATIENCE
            while not spare.assignment():
                assert time.monotonic() < deadline
                spare.poll(max_messages=1, timeout=0.1)

    def test_any_byte_and_any_letter_survives(self, bus: EventBus, topic: str, group: str):
        """Headers keep order and repetition; nothing is trimmed or re-encoded."""
        message = BusMessage(
            topic=topic,
            key="żółw/🐢",
            headers=(("ce_id", "łańcuch 🏡"), ("b", ""), ("ce_id", "again\x00\t"), ("ß", '"{}')),
            value=bytes(range(256)) * 3,
        )

        bus.publish([message])

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            (received,) = read(subscription, 1)
        assert (received.key, received.headers) == (message.key, message.headers)
        assert received.value == message.value

    def test_a_tombstone_comes_as_an_empty_value(self, bus: EventBus, topic: str, group: str):
        """A message may say that there is nothing more to say."""
        bus.publish([a_message(topic, value=b"")])

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            assert [message.value for message in read(subscription, 1)] == [b""]

    def test_topics_may_be_ensured_again(self, bus: EventBus, topic: str, group: str):
        """Even with other settings: the topic stays as it is, with what is in it."""
        bus.publish([a_message(topic)])

        bus.ensure_topics([TopicSpec(topic, 9, None, compacted=True)])

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            assert len(read(subscription, 1)) == 1
            settle([subscription], 4)

    def test_large_messages_pass(self, bus: EventBus, topic: str, group: str):
        """900 kB each, and more together than one poll gives."""
        values = [bytes([n]) * 900_000 for n in range(20)]

        bus.publish([a_message(topic, value=value) for value in values])

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            received = read(subscription, 20)
        assert [message.value for message in received] == values

    def test_a_message_over_the_limit_is_refused(self, bus: EventBus, topic: str, group: str):
        """And nothing that was to go with it is published."""
        too_large = a_message(topic, value=b"x" * (MAX_MESSAGE_BYTES + 1))

        with pytest.raises(MessageTooLarge, match="park it"):
            bus.publish([a_message(topic), too_large])

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            settle([subscription], 4)
            assert subscription.lag() == 0

    def test_an_empty_list_is_published_without_ado(self, bus: EventBus):
        """Nothing is nothing."""
        bus.publish([])

    def test_an_unknown_topic_is_named(self, bus: EventBus, group: str):
        """To the publisher and to the subscriber, before they wait for long."""
        with pytest.raises(UnknownTopic, match=r"nowhere\.known.*ensure_topics"):
            bus.publish([a_message("nowhere.known")])
        with pytest.raises(UnknownTopic, match=r"nowhere\.known.*ensure_topics"):
            bus.subscribe(group, ["nowhere.known"], PositionBook())

    def test_concurrent_publishers_lose_nothing(self, bus: EventBus, topic: str, group: str):
        """While a reader is reading."""
        lots = [
            [a_message(topic, f"key-{publisher}", b"%d" % n) for n in range(lot * 9, lot * 9 + 9)]
            for lot in range(10)
            for publisher in range(4)
        ]

        with (
            ThreadPoolExecutor(4) as pool,
            bus.subscribe(group, [topic], PositionBook()) as subscription,
        ):
            published = pool.map(bus.publish, lots)
            received = read(subscription, 360)
            assert len(list(published)) == 40

        numbers = {key: sorted(map(int, seen)) for key, seen in values_by_key(received).items()}
        assert numbers == {f"key-{publisher}": list(range(90)) for publisher in range(4)}

    def test_lag_counts_what_is_not_yet_read(self, bus: EventBus, topic: str, group: str):
        """It falls with every poll and rises with every publication."""
        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            settle([subscription], 4)
            bus.publish([a_message(topic, f"key-{n}") for n in range(20)])
            before = subscription.lag()

            got = len(subscription.poll(max_messages=5, timeout=5.0))

            assert (before, subscription.lag()) == (20, 20 - got)

    def test_a_poll_gives_no_more_than_asked_for(self, bus: EventBus, topic: str, group: str):
        """The rest comes with the next."""
        bus.publish([a_message(topic, f"key-{n}") for n in range(30)])

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            sizes: list[int] = []
            while sum(sizes) < 30:
                sizes.append(len(subscription.poll(max_messages=7, timeout=5.0)))

        assert max(sizes) <= 7

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

    def test_an_empty_poll_takes_its_time_and_no_more(self, bus: EventBus, topic: str, group: str):
        """It returns nothing rather than raise."""
        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            settle([subscription], 4)
            started = time.monotonic()

            received = subscription.poll(max_messages=10, timeout=0.4)

            assert (received, 0.3 < time.monotonic() - started < 2.0) == ([], True)

    def test_polls_without_patience_get_there_too(self, bus: EventBus, topic: str, group: str):
        """A consumer that only looks in from time to time joins and reads all the same."""
        bus.publish([a_message(topic, f"key-{n}") for n in range(9)])
        received: list[ReceivedMessage] = []

        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            deadline = time.monotonic() + PATIENCE
            while len(received) < 9:
                assert time.monotonic() < deadline
                received += subscription.poll(max_messages=500, timeout=0)
                time.sleep(0.05)

    def test_several_topics_are_read_by_one_member(self, bus: EventBus, topic: str, group: str):
        """One subscription names them all."""
        other = f"test.{uuid4().hex}"
        bus.ensure_topics([TopicSpec(other, 2, None, compacted=True)])
        bus.publish([a_message(topic), a_message(other), a_message(topic)])

        with bus.subscribe(group, [topic, other], PositionBook()) as subscription:
            received = read(subscription, 3)

        assert sorted(message.topic for message in received) == sorted([topic, topic, other])

    def test_closing_twice_is_harmless(self, bus: EventBus, topic: str, group: str):
        """For a subscription as for a bus."""
        subscription = bus.subscribe(group, [topic], PositionBook())

        subscription.close()
        subscription.close()
        bus.close()
        bus.close()

    def test_the_log_has_a_lasting_name(self, bus: EventBus):
        """Positions are stored together with it."""
        assert bus.log_id() == bus.log_id() != ""
