"""A consumer of the event bus for tests: where it keeps its positions, and how it waits."""

import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from services.platform.bus.ports import BusMessage, ReceivedMessage, Subscription, TopicPartition
from tests.support.waiting import GENEROUS


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
    deadline = time.monotonic() + GENEROUS
    while len(received) < count:
        assert time.monotonic() < deadline, f"only {len(received)} of {count} messages came"
        received += subscription.poll(max_messages=500, timeout=0.5)
    return received


def settle(members: Sequence[Subscription], logs: int) -> None:
    """Let the members poll in turn until they hold all the logs, each its part."""
    deadline = time.monotonic() + GENEROUS
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
