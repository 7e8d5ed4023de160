"""One member of a Kafka consumer group whose positions live elsewhere."""

import time
from collections.abc import Collection, Mapping, Sequence
from types import TracebackType
from typing import Any, Final, Self

from kafka import ConsumerRebalanceListener, KafkaConsumer
from kafka import TopicPartition as KafkaPartition

from services.platform.bus.kafka_clients import translated
from services.platform.bus.ports import ReceivedMessage, StoredPositions, TopicPartition

# A partition that arrives during kafka's poll is placed before the next one, so each is kept short.
_SLICE_SECONDS: Final = 0.1
_SHORTEST_SECONDS: Final = 0.01  # with less, kafka's poll does not even look at its own events
_ASK_MS: Final = 5_000


class KafkaSubscription:
    """A Subscription on a KafkaConsumer; the broker's committed offsets are never asked."""

    def __init__(
        self,
        consumer: KafkaConsumer,
        topics: Collection[str],
        positions: StoredPositions,
        servers: Sequence[str],
    ) -> None:
        self._consumer = consumer
        self._positions = positions
        self._servers = servers
        self._arrivals = _Arrivals(consumer)
        consumer.subscribe(topics=sorted(topics), listener=self._arrivals)

    def poll(self, max_messages: int, timeout: float) -> list[ReceivedMessage]:
        """Place what has newly arrived, then read."""
        deadline = time.monotonic() + timeout
        while True:
            with translated(self._servers, "read"):
                self._place_arrivals()
                left = deadline - time.monotonic()
                piece = max(_SHORTEST_SECONDS, min(left, _SLICE_SECONDS))
                batches = self._consumer.poll(
                    timeout_ms=int(piece * 1000), max_records=max_messages
                )
            if batches or left <= piece:
                return [_received(record) for batch in batches.values() for record in batch]

    def assignment(self) -> frozenset[TopicPartition]:
        """Return what the group has given to this member."""
        return frozenset(_ours(self._consumer.assignment()))

    def lag(self) -> int:
        """Compare the end of each partition with the position in it."""
        with translated(self._servers, "measure the lag"):
            self._place_arrivals()
            partitions = list(self._consumer.assignment())
            ends = self._consumer.end_offsets(partitions, timeout_ms=_ASK_MS)
            return sum(
                max(0, end - (self._consumer.position(partition, timeout_ms=_ASK_MS) or 0))
                for partition, end in ends.items()
            )

    def rewind(self, positions: Mapping[TopicPartition, int]) -> None:
        """Seek back; what has been fetched beyond is dropped by the consumer."""
        mine = self._consumer.assignment()
        for partition, offset in positions.items():
            theirs = KafkaPartition(partition.topic, partition.partition)
            if theirs in mine:
                self._consumer.seek(theirs, offset)

    def close(self) -> None:
        """Leave the group and close the connections."""
        self._consumer.close(autocommit=False, timeout_ms=_ASK_MS)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()

    def _place_arrivals(self) -> None:
        arrived = self._arrivals.waiting()
        if not arrived:
            return
        stored = self._positions(_ours(arrived))
        for ours, theirs in zip(_ours(arrived), arrived, strict=True):
            if ours in stored:
                self._consumer.seek(theirs, stored[ours])
            else:
                self._consumer.seek_to_beginning(theirs)
        self._arrivals.placed(arrived)
        self._consumer.resume(*arrived)


class _Arrivals(ConsumerRebalanceListener):
    """Holds newly assigned partitions still until their position is known.

    Called on kafka-python's own thread, but only while the caller waits inside `poll`.
    """

    def __init__(self, consumer: KafkaConsumer) -> None:
        self._consumer = consumer
        self._placed: set[KafkaPartition] = set()

    def waiting(self) -> list[KafkaPartition]:
        return sorted(self._consumer.assignment() - self._placed)

    def placed(self, partitions: Collection[KafkaPartition]) -> None:
        self._placed.update(partitions)

    def on_partitions_assigned(self, assigned: Collection[KafkaPartition]) -> None:
        """Keep what stays with this member reading; pause the rest before anything is fetched."""
        self._placed.intersection_update(assigned)
        self._consumer.pause(*(set(assigned) - self._placed))

    def on_partitions_revoked(self, revoked: Collection[KafkaPartition]) -> None:
        """Do nothing: what stays revoked is missing from the assignment that follows."""

    def on_partitions_lost(self, lost: Collection[KafkaPartition]) -> None:
        """Forget them: another member may have read on meanwhile."""
        self._placed.difference_update(lost)


def _ours(partitions: Collection[KafkaPartition]) -> list[TopicPartition]:
    return [TopicPartition(partition.topic, partition.partition) for partition in partitions]


def _received(record: Any) -> ReceivedMessage:
    return ReceivedMessage(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        key=(record.key or b"").decode(errors="replace"),
        headers=tuple((name, value.decode(errors="replace")) for name, value in record.headers),
        value=record.value or b"",
    )
