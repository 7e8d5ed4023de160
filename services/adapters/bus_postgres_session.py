"""The session on which a group member holds its logs and reads them."""

import time
from collections.abc import Collection, Mapping
from typing import Any, Final, Self, cast

import orjson
import psycopg
from sqlalchemy import Engine

from services.adapters.bus_postgres_share import GroupShare
from services.errors import UnknownTopic
from services.event_bus import ReceivedMessage, TopicPartition

_SETTLE_SECONDS: Final = 0.4
_BATCH_BYTES: Final = 16 * 1024 * 1024

_TOPICS = "SELECT name, id, partitions FROM bus_topics WHERE name = ANY (%s)"
_EDGES = """
    SELECT topic_id, partition, coalesce((
        SELECT m."offset" FROM bus_messages m
        WHERE m.topic_id = l.topic_id AND m.partition = l.partition
        ORDER BY m."offset" LIMIT 1
    ), next_offset), next_offset
    FROM bus_logs l WHERE topic_id = ANY (%s)
"""
# One log after the other, each in its own order: a nested loop cannot do otherwise, and the window
# takes the rows as they come. So what is cut off at a size is the end of a log, never its middle.
_READ = """
    SELECT topic_id, partition, "offset", key, headers, value FROM (
        SELECT r.*, sum(octet_length(value)) OVER (ROWS UNBOUNDED PRECEDING) AS total
        FROM (
            SELECT w.turn, m.* FROM unnest(%s::smallint[], %s::smallint[], %s::bigint[])
                WITH ORDINALITY AS w (topic_id, partition, position, turn)
            CROSS JOIN LATERAL (
                SELECT topic_id, partition, "offset", key, headers, value FROM bus_messages b
                WHERE b.topic_id = w.topic_id AND b.partition = w.partition
                  AND b."offset" >= w.position
                ORDER BY b."offset" LIMIT %s
            ) m LIMIT %s
        ) r
    ) s WHERE total - octet_length(value) < %s
"""


class ReadingSession:
    """One connection of its own, outside the pool; its locks and its reads stand or fall together.

    So a read that succeeds proves that the logs were still this member's.
    Everything raises psycopg.Error when the connection is gone.
    """

    def __init__(
        self,
        connection: psycopg.Connection[Any],
        topics: Mapping[str, tuple[int, int]],
        group: str,
    ) -> None:
        self._connection = connection
        self._ids = {name: number for name, (number, _) in topics.items()}
        self._names = {number: name for name, number in self._ids.items()}
        logs = [
            TopicPartition(name, partition)
            for name, (_, partitions) in sorted(topics.items())
            for partition in range(partitions)
        ]
        self._share = GroupShare(connection, group, logs)
        self._settled_at = float("-inf")

    @classmethod
    def open(cls, engine: Engine, group: str, topics: Collection[str]) -> Self:
        """Connect and join the group. Raises UnknownTopic, and what SQLAlchemy raises."""
        pooled = engine.raw_connection()
        connection = cast("psycopg.Connection[Any]", pooled.driver_connection)
        pooled.detach()
        try:
            connection.autocommit = True
            rows = connection.execute(_TOPICS, [sorted(topics)]).fetchall()
            found = {name: (number, partitions) for name, number, partitions in rows}
            _refuse_unknown(set(topics) - found.keys())
            return cls(connection, found, group)
        except BaseException:
            connection.close()
            raise

    def settle(self) -> frozenset[TopicPartition]:
        """Take or give back logs, if it is time to look, and return those held."""
        if time.monotonic() - self._settled_at > _SETTLE_SECONDS:
            self._share.settle()
            self._settled_at = time.monotonic()
        return self._share.held()

    def edges(self) -> dict[TopicPartition, tuple[int, int]]:
        """Return the first offset there is and the next there will be, for all logs."""
        rows = self._connection.execute(_EDGES, [list(self._names)]).fetchall()
        return {
            TopicPartition(self._names[topic], partition): (first, following)
            for topic, partition, first, following in rows
        }

    def read(
        self, positions: Mapping[TopicPartition, int], max_messages: int
    ) -> list[ReceivedMessage]:
        """Read on from these positions; the logs named first come first."""
        arguments = [
            [self._ids[log.topic] for log in positions],
            [log.partition for log in positions],
            list(positions.values()),
            max_messages,
            max_messages,
            _BATCH_BYTES,
        ]
        with self._connection.cursor(binary=True) as cursor:
            cursor.execute(_READ, arguments)
            return [
                ReceivedMessage(self._names[topic], partition, offset, key, _pairs(headers), value)
                for topic, partition, offset, key, headers, value in cursor.fetchall()
            ]

    def close(self) -> None:
        """Close the connection, which lets go of the logs."""
        self._connection.close()


def _pairs(headers: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, content) for name, content in orjson.loads(headers))


def _refuse_unknown(topics: Collection[str]) -> None:
    if topics:
        raise UnknownTopic(
            f"There is no topic {', '.join(sorted(topics))}. Make it with ensure_topics, and try "
            "again."
        )
