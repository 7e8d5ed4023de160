"""Deleting from the logs in PostgreSQL what its topic no longer keeps."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Engine, text

_ROUND: Final = 10_000  # offsets a statement, so that no transaction is long
_TOMBSTONES_FOR: Final = timedelta(days=1)  # long enough for readers to see them, as in Kafka

# Reads each log from its start and stops at the first message young enough, wherever that is.
_EXPIRED = text("""
    SELECT l.topic_id, l.partition, first_kept, oldest
    FROM bus_logs l JOIN bus_topics t ON t.id = l.topic_id AND t.retention IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT m."offset" AS oldest FROM bus_messages m
        WHERE m.topic_id = l.topic_id AND m.partition = l.partition
        ORDER BY m."offset" LIMIT 1
    ) o
    CROSS JOIN LATERAL (
        SELECT coalesce((
            SELECT m."offset" FROM bus_messages m
            WHERE m.topic_id = l.topic_id AND m.partition = l.partition
              AND m.published_at >= CAST(:now AS timestamptz) - t.retention
            ORDER BY m."offset" LIMIT 1
        ), l.next_offset) AS first_kept
    ) k
    WHERE first_kept > oldest
""")
_DELETE = text("""
    DELETE FROM bus_messages
    WHERE topic_id = :topic AND partition = :partition AND "offset" >= :start AND "offset" < :stop
""")
_SUPERSEDED = text("""
    DELETE FROM bus_messages m USING (
        SELECT c.topic_id, c.partition, c."offset", c.value = '' AS is_tombstone, c.published_at,
            row_number() OVER (PARTITION BY topic_id, partition, key ORDER BY "offset" DESC) AS age
        FROM bus_messages c JOIN bus_topics t ON t.id = c.topic_id AND t.compacted
    ) s
    WHERE m.topic_id = s.topic_id AND m.partition = s.partition AND m."offset" = s."offset"
      AND (s.age > 1 OR (s.is_tombstone AND s.published_at < :tombstones_before))
""")


def trim(engine: Engine, now: datetime) -> int:
    """Delete what is past retention at `now`, and what compaction has no more use for.

    Returns how many messages went. The last message of a key in a compacted topic stays, unless
    it is a tombstone of more than a day. Raises what SQLAlchemy raises.
    """
    gone = 0
    with engine.connect() as connection:
        for topic, partition, stop, oldest in connection.execute(_EXPIRED, {"now": now}).fetchall():
            connection.rollback()
            for start in range(oldest, stop, _ROUND):
                gone += _delete(
                    connection, topic, partition, range(start, min(start + _ROUND, stop))
                )
    with engine.begin() as connection:
        before = {"tombstones_before": now - _TOMBSTONES_FOR}
        return gone + connection.execute(_SUPERSEDED, before).rowcount


def _delete(connection: Connection, topic: int, partition: int, offsets: range) -> int:
    with connection.begin():
        bounds = {"start": offsets.start, "stop": offsets.stop}
        deleted = connection.execute(_DELETE, {"topic": topic, "partition": partition, **bounds})
        return deleted.rowcount
