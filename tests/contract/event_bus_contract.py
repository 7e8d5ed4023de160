"""What every event bus must do. Each adapter, and the fake, runs this same suite."""

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest

from services.platform.bus.ports import MAX_MESSAGE_BYTES, BusMessage, EventBus, TopicSpec
from services.platform.errors import MessageTooLarge, UnknownTopic
from tests.contract.event_bus_group_contract import EventBusGroupContract
from tests.support.bus_consumer import PositionBook, a_message, read, settle, values_by_key
from tests.support.waiting import on_this_machine


class EventBusContract(EventBusGroupContract):
    """Subclasses give the fixture `bus` and say what a killed member is."""

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

    def test_an_empty_poll_takes_its_time_and_no_more(self, bus: EventBus, topic: str, group: str):
        """It returns nothing rather than raise."""
        with bus.subscribe(group, [topic], PositionBook()) as subscription:
            settle([subscription], 4)
            started = time.monotonic()

            received = subscription.poll(max_messages=10, timeout=0.4)

            took = time.monotonic() - started
            assert received == []
            assert 0.3 < took < on_this_machine(2.0)

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
