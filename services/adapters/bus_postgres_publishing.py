"""Appending messages to the logs in PostgreSQL, without gaps that a reader could skip."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from zlib import crc32

import orjson
import psycopg
from sqlalchemy import Connection, text

from services.event_bus import BusMessage

_Log = tuple[int, int]

# Locks the logs in one order, whatever the plan, so that two publishers cannot wait for each other.
_TAKE_OFFSETS = text("""
    WITH wanted AS (
        SELECT * FROM unnest(
            CAST(:topics AS smallint[]), CAST(:partitions AS smallint[]), CAST(:counts AS bigint[])
        ) AS w (topic_id, partition, messages)
    ), locked AS MATERIALIZED (
        SELECT l.topic_id, l.partition
        FROM bus_logs l JOIN wanted USING (topic_id, partition)
        ORDER BY l.topic_id, l.partition
        FOR UPDATE OF l
    )
    UPDATE bus_logs l
    SET next_offset = l.next_offset + w.messages
    FROM locked JOIN wanted w USING (topic_id, partition)
    WHERE l.topic_id = locked.topic_id AND l.partition = locked.partition
    RETURNING l.topic_id, l.partition, l.next_offset - w.messages
""")
_COPY = """
    COPY bus_messages (topic_id, partition, "offset", key, headers, value)
    FROM STDIN (FORMAT BINARY)
"""
_COPY_TYPES = ("int2", "int2", "int8", "text", "text", "bytea")


@dataclass(frozen=True, slots=True)
class TopicLayout:
    """A topic's number, and into how many logs its keys are spread. Neither ever changes."""

    id: int
    partitions: int

    def log_of(self, key: str) -> _Log:
        """Return the log that all messages with this key go to."""
        return self.id, crc32(key.encode()) % self.partitions


def append(
    connection: Connection, messages: Sequence[BusMessage], layouts: Mapping[str, TopicLayout]
) -> None:
    """Append the messages within the transaction of `connection`.

    Raises whatever SQLAlchemy and psycopg raise.
    """
    logs = [layouts[message.topic].log_of(message.key) for message in messages]
    next_offsets = _take_offsets(connection, Counter(logs))
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    with driver.cursor() as cursor, cursor.copy(_COPY) as copy:
        copy.set_types(_COPY_TYPES)
        for message, log in zip(messages, logs, strict=True):
            offset = next_offsets[log]
            next_offsets[log] = offset + 1
            headers = orjson.dumps(message.headers).decode()
            copy.write_row((*log, offset, message.key, headers, message.value))


def _take_offsets(connection: Connection, counts: Counter[_Log]) -> dict[_Log, int]:
    """Lock the logs until the transaction ends, and return the first offset taken in each."""
    taken = connection.execute(
        _TAKE_OFFSETS,
        {
            "topics": [topic for topic, _ in counts],
            "partitions": [partition for _, partition in counts],
            "counts": list(counts.values()),
        },
    )
    return {(topic, partition): first for topic, partition, first in taken}
