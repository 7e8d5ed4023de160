"""What a consumer remembers in its own transaction: handled events, positions, purges."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, text

from schemas.identifiers import PersonId
from services.platform.bus.ports import TopicPartition
from services.platform.database.engine import Texts
from services.platform.errors import ServiceError

_TAKE = text("""
    INSERT INTO inbox (consumer, event_id)
    SELECT :consumer, e FROM unnest(CAST(:events AS text[])) AS e
    ON CONFLICT DO NOTHING RETURNING event_id
""")
_READ = text("""
    SELECT topic, partition, next_offset FROM consumer_position WHERE consumer = :consumer
""")
_FIRST = text("""
    INSERT INTO consumer_position (consumer, topic, partition, next_offset)
    VALUES (:consumer, :topic, :partition, :next) ON CONFLICT DO NOTHING
""")
_NEXT = text("""
    UPDATE consumer_position SET next_offset = :next
    WHERE consumer = :consumer AND topic = :topic AND partition = :partition
      AND next_offset = :stored
""")


class PositionLostError(ServiceError):
    """Another member of the group has gone on from here: roll back and forget the batch."""


class PostgresInbox:
    """Which events this consumer has handled."""

    def __init__(self, connection: Connection, consumer: str) -> None:
        self._connection = connection
        self._consumer = consumer

    def take(self, event_ids: Sequence[str]) -> Collection[str]:
        """Mark the events as handled; gives those that had not been."""
        rows = self._connection.execute(
            _TAKE, {"consumer": self._consumer, "events": Texts(sorted(set(event_ids)))}
        )
        return {row.event_id for row in rows}


class ConsumerPositions:
    """Where a consumer goes on, stored with what it did: exactly once in effect.

    `consumer` names the group and the log that offsets count in.
    """

    def __init__(self, connection: Connection, consumer: str) -> None:
        self._connection = connection
        self._consumer = consumer

    def read(self) -> Mapping[TopicPartition, int]:
        """The next offset of each partition that was ever read."""
        rows = self._connection.execute(_READ, {"consumer": self._consumer})
        return {TopicPartition(row.topic, row.partition): row.next_offset for row in rows}

    def advance(self, partition: TopicPartition, *, stored: int | None, following: int) -> None:
        """Move on from `stored`, which was read before, to `following`; None: from nothing.

        Compares exactly: whoever skipped or repeated a message anywhere is found out here.
        Raises PositionLostError.
        """
        place = {
            "consumer": self._consumer,
            "topic": partition.topic,
            "partition": partition.partition,
            "next": following,
        }
        if stored is None:
            moved = self._connection.execute(_FIRST, place)
        else:
            moved = self._connection.execute(_NEXT, {**place, "stored": stored})
        if moved.rowcount == 0:
            raise PositionLostError(
                f"{partition.topic}/{partition.partition} was read on by another member"
            )


class PostgresPurges:
    """When something of a person was purged."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def save(self, person: PersonId, *, at: datetime) -> None:
        """Remember the time, so that the same records may come again later."""
        self._connection.execute(
            text("""
                INSERT INTO person_purge (person_id, at) VALUES (:person, :at)
                ON CONFLICT (person_id) DO UPDATE SET at = :at
            """),
            {"person": person, "at": at},
        )
