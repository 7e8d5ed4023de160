"""The event bus port: partitioned logs that are read by position (DESIGN.md §5).

One contract, two adapters (Apache Kafka and PostgreSQL), one suite:
`tests/contract/event_bus_contract.py`.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import Protocol, Self

from services.platform.errors import MessageTooLarge

# Kafka's own default limit is 1 048 588 bytes a batch; the rest is left for its framing.
MAX_MESSAGE_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class BusMessage:
    """One message to publish.

    `key` is an opaque id, never empty and never personal: messages with one key stay in order.
    `headers` keep their order and may repeat a name. An empty `value` is a tombstone: in a
    compacted topic it lets go of everything said before under its key.
    """

    topic: str
    key: str
    headers: tuple[tuple[str, str], ...]
    value: bytes

    def __post_init__(self) -> None:
        """Refuse a key that not every bus can carry."""
        if not self.key or "\x00" in self.key:
            raise ValueError(f"The key of a message to {self.topic} is empty or holds a NUL.")


@dataclass(frozen=True, slots=True)
class TopicPartition:
    """One of a topic's logs. Offsets count within it and never go back."""

    topic: str
    partition: int


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """One message as read. The position to store once it is dealt with is `offset + 1`."""

    topic: str
    partition: int
    offset: int
    key: str
    headers: tuple[tuple[str, str], ...]
    value: bytes


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """What a topic should be: `retention` None keeps for ever, `compacted` keeps the last per key.

    Both together keep the last per key, and that no longer than `retention`.
    """

    name: str
    partitions: int
    retention: timedelta | None
    compacted: bool


StoredPositions = Callable[[Collection[TopicPartition]], Mapping[TopicPartition, int]]
"""Answers the next offset to read for each partition; one that is absent is read from its start."""


class Subscription(Protocol):
    """One member of a consumer group. For one thread; members share the partitions of the topics.

    Order: the messages of one partition, hence of one key, come in the order they were published.
    A batch mixes partitions freely.

    Positions are the consumer's own. It stores them in the database transaction that holds the
    effect of the batch; the bus remembers nothing. When a partition becomes this member's, reading
    starts at what `positions` answers, asked inside `poll`, in the caller's thread. An exception
    from `positions` comes out of `poll`; the question is asked again at the next one.

    Failure: partitions change hands only inside `poll`, so calling it says that every message given
    before is stored or no longer wanted. A member that is silent too long (killed, frozen, cut off)
    loses its partitions all the same, and two members may then hold the same messages for a moment.
    So positions MUST be stored by compare-and-set (`… SET position = new WHERE position = old`),
    and a batch whose compare fails MUST be rolled back and forgotten.
    """

    def poll(self, max_messages: int, timeout: float) -> list[ReceivedMessage]:
        """Return up to `max_messages`, fewer when they are large; wait `timeout` seconds at most.

        An empty list means that nothing came in time, not that the bus is well.
        Raises BusUnavailable when the bus fails; after that, poll again: reading starts afresh
        from `positions`, or goes on where it was.
        """

    def assignment(self) -> frozenset[TopicPartition]:
        """Return the partitions that are this member's now."""

    def lag(self) -> int:
        """Count what is not yet read in the partitions that are this member's.

        After compaction it may count messages that are no longer there. Raises BusUnavailable.
        """

    def rewind(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read again from these offsets, after a batch that failed.

        A partition that is no longer this member's is passed over.
        """

    def close(self) -> None:
        """Leave the group, so that the others take over at once. May be called twice."""

    def __enter__(self) -> Self:
        """Return itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""


class EventBus(Protocol):
    """Topics of partitioned logs. Its own methods may be called from any thread."""

    def ensure_topics(self, specs: Collection[TopicSpec]) -> None:
        """Make the topics that do not exist; one that exists is left as it is.

        Raises BusUnavailable.
        """

    def publish(self, messages: Sequence[BusMessage]) -> None:
        """Make the messages durable, each key in the order given; return when all of them are.

        Raises BusUnavailable (also as UnknownTopic): then any part of them may have been published.
        Call again with the whole list: readers may see messages twice, and a late one after its
        successor, so they drop ids they have seen and compare versions (DESIGN.md §5).
        Raises MessageTooLarge before anything is sent.
        """

    def subscribe(
        self, group: str, topics: Collection[str], positions: StoredPositions
    ) -> Subscription:
        """Join `group` as a new member. All members of one group name the same topics.

        Raises BusUnavailable, and UnknownTopic where a topic does not exist.
        """

    def log_id(self) -> str:
        """Name the log that offsets count in. Positions stored under another name mean nothing.

        A broker set up anew counts from zero again: without this, stored positions of the old one
        would silently skip messages. Raises BusUnavailable.
        """

    def close(self) -> None:
        """Let go of connections. Subscriptions are closed on their own. May be called twice."""


def refuse_oversized(messages: Iterable[BusMessage]) -> None:
    """Raise MessageTooLarge if any of the messages is over MAX_MESSAGE_BYTES."""
    for message in messages:
        size = len(message.value) + len(message.key)
        size += sum(len(name) + len(value) for name, value in message.headers)
        if size > MAX_MESSAGE_BYTES:
            raise MessageTooLarge(
                f"A message to {message.topic} with key {message.key} has {size} bytes, over the "
                f"limit of {MAX_MESSAGE_BYTES}. Nothing was sent: park it instead."
            )
