"""The event bus on Kafka when the broker dies: nothing acknowledged is lost."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest

from services.platform.bus.kafka import KafkaEventBus
from services.platform.bus.ports import EventBus, Subscription, TopicSpec
from services.platform.errors import BusUnavailable
from tests.support.bus_consumer import PositionBook, a_message
from tests.support.kafka_broker import LocalBroker
from tests.support.waiting import GENEROUS, on_this_machine


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


def read_patiently(subscription: Subscription, received: set[int], wanted: int) -> None:
    """Read until `wanted` more numbers are known, whatever the bus says meanwhile."""
    target = len(received) + wanted
    deadline = time.monotonic() + GENEROUS
    while len(received) < target:
        assert time.monotonic() < deadline, f"{len(received)} of {target} came"
        try:
            messages = subscription.poll(max_messages=500, timeout=0.2)
        except BusUnavailable:
            time.sleep(0.05)
        else:
            received.update(int(message.value) for message in messages)


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

        assert time.monotonic() - started < on_this_machine(10)
        assert not [t for t in threading.enumerate() if t.name.startswith("kafka-io")]
        bus.close()
