"""An event bus in memory, for tests of what stands on it. It passes the real ones' contract."""

import threading
import time
from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import Self
from zlib import crc32

from services.platform.bus.ports import (
    BusMessage,
    ReceivedMessage,
    StoredPositions,
    TopicPartition,
    TopicSpec,
    refuse_oversized,
)
from services.platform.errors import BusUnavailable, UnknownTopic

_SLEEP = 0.005


class FakeEventBus:
    """Logs that are lists. Nothing is ever trimmed or compacted.

    `is_down = True` makes everything raise BusUnavailable until it is set back.
    """

    def __init__(self) -> None:
        self.is_down = False
        self._logs: dict[TopicPartition, list[ReceivedMessage]] = {}
        self._members: dict[str, list[FakeSubscription]] = {}
        self._lock = threading.RLock()

    def ensure_topics(self, specs: Collection[TopicSpec]) -> None:
        self.check_up()
        with self._lock:
            for spec in specs:
                if not self.logs_of([spec.name]):
                    for number in range(spec.partitions):
                        self._logs[TopicPartition(spec.name, number)] = []

    def publish(self, messages: Sequence[BusMessage]) -> None:
        self.check_up()
        refuse_oversized(messages)
        with self._lock:
            self._refuse_unknown({message.topic for message in messages})
            for message in messages:
                self._append(message)

    def subscribe(
        self, group: str, topics: Collection[str], positions: StoredPositions
    ) -> "FakeSubscription":
        self.check_up()
        with self._lock:
            self._refuse_unknown(topics)
            member = FakeSubscription(self, group, topics, positions)
            self._members.setdefault(group, []).append(member)
            return member

    def log_id(self) -> str:
        self.check_up()
        return "fake"

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def published(self, topic: str) -> list[ReceivedMessage]:
        """Return all that was ever published to a topic, for a test to look at."""
        return [message for log in self.logs_of([topic]) for message in self._logs[log]]

    def check_up(self) -> None:
        if self.is_down:
            raise BusUnavailable("The fake bus is down: set is_down back and try again.")

    def logs_of(self, topics: Collection[str]) -> list[TopicPartition]:
        return [log for log in self._logs if log.topic in topics]

    def end_of(self, log: TopicPartition) -> int:
        return len(self._logs[log])

    def tail(self, log: TopicPartition, position: int) -> list[ReceivedMessage]:
        with self._lock:
            return self._logs[log][position:]

    def leave(self, member: "FakeSubscription") -> None:
        with self._lock:
            members = self._members[member.group]
            if member in members:
                members.remove(member)

    def share_of(self, member: "FakeSubscription") -> frozenset[TopicPartition]:
        """Settle the group as far as possible: nobody loses a log outside its own poll."""
        with self._lock:
            members = self._members[member.group]
            if member not in members:
                return frozenset()
            rank = members.index(member)
            due = {
                log
                for place, log in enumerate(self.logs_of(member.topics))
                if place % len(members) == rank
            }
            taken = {log for other in members if other is not member for log in other.assignment()}
            return frozenset(due - taken)

    def _append(self, message: BusMessage) -> None:
        logs = self.logs_of([message.topic])
        log = logs[crc32(message.key.encode()) % len(logs)]
        self._logs[log].append(
            ReceivedMessage(
                topic=message.topic,
                partition=log.partition,
                offset=len(self._logs[log]),
                key=message.key,
                headers=message.headers,
                value=message.value,
            )
        )

    def _refuse_unknown(self, topics: Collection[str]) -> None:
        missing = [topic for topic in topics if not self.logs_of([topic])]
        if missing:
            raise UnknownTopic(f"There is no topic {', '.join(missing)}: call ensure_topics.")


class FakeSubscription:
    """A member of a group on a FakeEventBus. `die` is what a kill would do to it."""

    def __init__(
        self, bus: FakeEventBus, group: str, topics: Collection[str], positions: StoredPositions
    ) -> None:
        self.group = group
        self.topics = frozenset(topics)
        self._bus = bus
        self._positions = positions
        self._next: dict[TopicPartition, int] = {}

    def poll(self, max_messages: int, timeout: float) -> list[ReceivedMessage]:
        deadline = time.monotonic() + timeout
        while True:
            self._bus.check_up()
            self._settle()
            received = self._read(max_messages)
            if received or time.monotonic() >= deadline:
                return received
            time.sleep(_SLEEP)

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset(self._next)

    def lag(self) -> int:
        self._bus.check_up()
        return sum(self._bus.end_of(log) - position for log, position in self._next.items())

    def rewind(self, positions: Mapping[TopicPartition, int]) -> None:
        for log in positions.keys() & self._next.keys():
            self._next[log] = positions[log]

    def close(self) -> None:
        self._next = {}
        self._bus.leave(self)

    die = close

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _settle(self) -> None:
        share = self._bus.share_of(self)
        self._next = {log: position for log, position in self._next.items() if log in share}
        arrived = share - self._next.keys()
        if arrived:
            stored = self._positions(sorted(arrived, key=lambda log: (log.topic, log.partition)))
            for log in arrived:
                position = stored.get(log, 0)
                self._next[log] = position if position <= self._bus.end_of(log) else 0

    def _read(self, max_messages: int) -> list[ReceivedMessage]:
        received: list[ReceivedMessage] = []
        for log, position in self._next.items():
            tail = self._bus.tail(log, position)[: max_messages - len(received)]
            received += tail
            self._next[log] = position + len(tail)
        return received
