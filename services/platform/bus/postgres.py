"""The event bus in PostgreSQL: the embedded default, and enough for a single hub.

Its tables are topics, the end of each log, and the messages.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, cast
from zlib import crc32

import orjson
import psycopg
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Engine,
    ForeignKey,
    Identity,
    Interval,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.exc import DBAPIError

from services.platform.bus.ports import (
    BusMessage,
    StoredPositions,
    Subscription,
    TopicSpec,
    refuse_oversized,
)
from services.platform.bus.postgres_subscription import PostgresSubscription
from services.platform.database.doorbell import Bell, ring
from services.platform.database.engine import metadata
from services.platform.errors import BusUnavailable, UnknownTopic

# Appending, without gaps that a reader could skip.

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
    ring(connection, Bell.BUS)


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


# Deleting what a topic no longer keeps.

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


# The tables.

bus_topics = Table(
    "bus_topics",
    metadata,
    Column("id", SmallInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("partitions", SmallInteger, nullable=False),
    Column("retention", Interval),
    Column("compacted", Boolean, nullable=False),
)

# The row of a log is locked from the moment its next offsets are taken until that transaction
# ends. So offsets become visible in their own order and have no gaps (DESIGN.md §5).
bus_logs = Table(
    "bus_logs",
    metadata,
    Column("topic_id", SmallInteger, ForeignKey("bus_topics.id"), primary_key=True),
    Column("partition", SmallInteger, primary_key=True),
    Column("next_offset", BigInteger, nullable=False, server_default="0"),
    # Room for the new version of a row that every publication updates.
    postgresql_with={"fillfactor": 50},
)

# No foreign key: a log with that number has just been locked, and the check costs on every row.
bus_messages = Table(
    "bus_messages",
    metadata,
    Column("topic_id", SmallInteger, primary_key=True, autoincrement=False),
    Column("partition", SmallInteger, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("published_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("key", Text, nullable=False),
    Column("headers", Text, nullable=False),  # JSON: a list of [name, value]
    Column("value", LargeBinary, nullable=False),
    # A record of some kilobytes stays in its row instead of in pieces elsewhere.
    postgresql_with={"toast_tuple_target": 8160},
)


class PostgresEventBus:
    """An EventBus in the database of `engine`, in the tables above.

    Its group members hold session-level locks, so they need sessions of their own: no pooler in
    transaction mode between them and the server.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._layouts: dict[str, TopicLayout] = {}

    def ensure_topics(self, specs: Collection[TopicSpec]) -> None:
        """Make the topics that do not exist, each with its logs, in one transaction."""
        if not specs:
            return
        try:
            with self._engine.begin() as connection:
                known = set(connection.scalars(select(bus_topics.c.name)))
                for spec in sorted(specs, key=lambda spec: spec.name):
                    # Asking first: an insert that is skipped still uses up one of few numbers.
                    if spec.name not in known:
                        _make_topic(connection, spec)
        except DBAPIError as error:
            raise _unavailable("make topics") from error

    def publish(self, messages: Sequence[BusMessage]) -> None:
        """Append in a transaction of its own."""
        if not messages:
            return
        try:
            with self._engine.begin() as connection:
                self.publish_in(connection, messages)
        except DBAPIError as error:
            raise _unavailable("publish") from error

    def publish_in(self, connection: Connection, messages: Sequence[BusMessage]) -> None:
        """Append within the caller's transaction: published when it commits, or not at all.

        Other publishers to the same logs wait from here to that commit, so call it last, and once:
        two calls in one transaction may run into a deadlock. The isolation level must be
        READ COMMITTED. Raises as `publish` does; the transaction can then only be rolled back.
        """
        refuse_oversized(messages)
        if not messages:
            return
        try:
            layouts = self._layouts_of(connection, {message.topic for message in messages})
            append(connection, messages, layouts)
        except (DBAPIError, psycopg.Error) as error:
            raise _unavailable("publish") from error

    def subscribe(
        self, group: str, topics: Collection[str], positions: StoredPositions
    ) -> Subscription:
        """Join the group with a connection of its own, outside the pool."""
        subscription = PostgresSubscription(self._engine, group, topics, positions)
        subscription.connect()
        return subscription

    def log_id(self) -> str:
        """Name this database: positions stored in it are restored together with the logs."""
        return "postgres"

    def trim(self, now: datetime) -> int:
        """Delete what is older than its topic's retention, or superseded in a compacted topic.

        Returns how many messages went. Meant to be called every few minutes; safe at any time.
        """
        try:
            return trim(self._engine, now)
        except DBAPIError as error:
            raise _unavailable("trim") from error

    def close(self) -> None:
        """Do nothing: the engine belongs to whoever made it."""

    def _layouts_of(
        self, connection: Connection, topics: Collection[str]
    ) -> dict[str, TopicLayout]:
        if not self._layouts.keys() >= set(topics):
            rows = connection.execute(
                select(bus_topics.c.name, bus_topics.c.id, bus_topics.c.partitions)
            )
            self._layouts = {name: TopicLayout(id_, count) for name, id_, count in rows}
        missing = sorted(set(topics) - self._layouts.keys())
        if missing:
            raise UnknownTopic(
                f"There is no topic {', '.join(missing)}. Make it with ensure_topics and try again."
            )
        return self._layouts


def _make_topic(connection: Connection, spec: TopicSpec) -> None:
    made = connection.execute(
        insert_or_skip(bus_topics)
        .values(
            name=spec.name,
            partitions=spec.partitions,
            retention=spec.retention,
            compacted=spec.compacted,
        )
        .on_conflict_do_nothing()
        .returning(bus_topics.c.id)
    ).scalar()
    if made is not None:
        connection.execute(
            insert(bus_logs),
            [{"topic_id": made, "partition": number} for number in range(spec.partitions)],
        )


def _unavailable(doing: str) -> BusUnavailable:
    return BusUnavailable(
        f"PostgreSQL could not {doing} on the bus. Look whether the database runs and is migrated, "
        "then try again."
    )
