"""One member of a consumer group on the logs in PostgreSQL: its share, its session, its reading."""

import hashlib
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Final, Self, cast

import orjson
import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from services.platform.bus.ports import ReceivedMessage, StoredPositions, TopicPartition
from services.platform.errors import BusUnavailable, UnknownTopic

# Which logs are whose: a group is kept by PostgreSQL's session-level advisory locks.
#
# A member holds one shared lock that counts it as living, and one exclusive lock for each log that
# is its own. A member that is killed loses its session, and with it all of them.

_LOW_32: Final = 0xFFFFFFFF
_JOIN = "SELECT pg_advisory_lock_shared(%s)"
_STANDING = """
    SELECT pid = pg_backend_pid()
    FROM pg_locks
    WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND objsubid = 1
      AND classid = %s::bigint::oid AND objid = %s::bigint::oid
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    ORDER BY pid
"""
# Rows are filtered one by one, so no more is locked than LIMIT lets out.
_TAKE = """
    SELECT key FROM unnest(%s::bigint[]) AS key WHERE pg_try_advisory_lock(key) LIMIT %s
"""
_GIVE_BACK = "SELECT pg_advisory_unlock(key) FROM unnest(%s::bigint[]) AS key"


class GroupShare:
    """One member's share of its group's logs, on the session of `connection`.

    Raises psycopg.Error when the session is gone; all locks went with it.
    """

    def __init__(
        self, connection: psycopg.Connection[Any], group: str, logs: Sequence[TopicPartition]
    ) -> None:
        self._connection = connection
        self._keys = {lock_key(group, log.topic, log.partition): log for log in logs}
        self._member_key = lock_key(group, "members", len(logs))
        self._held: list[int] = []
        connection.execute(_JOIN, [self._member_key])

    def held(self) -> frozenset[TopicPartition]:
        """Return the logs that are this member's."""
        return frozenset(self._keys[key] for key in self._held)

    def settle(self) -> None:
        """Give back what is above the fair share, or take what is free below it."""
        rank, members = self._standing()
        quota = fair_share(len(self._keys), members, rank)
        if len(self._held) > quota:
            self._give_back(self._held[quota:])
        elif len(self._held) < quota:
            self._take(quota - len(self._held), rank)

    def _standing(self) -> tuple[int, int]:
        high, low = self._member_key >> 32 & _LOW_32, self._member_key & _LOW_32
        members = self._connection.execute(_STANDING, [high, low]).fetchall()
        return members.index((True,)), len(members)

    def _take(self, count: int, rank: int) -> None:
        free = [key for key in self._keys if key not in self._held]
        start = rank * len(free) // (rank + 1)  # members reach for different ends
        candidates = free[start:] + free[:start]
        taken = self._connection.execute(_TAKE, [candidates, count]).fetchall()
        self._held += [key for (key,) in taken]

    def _give_back(self, surplus: list[int]) -> None:
        self._connection.execute(_GIVE_BACK, [surplus])
        self._held = [key for key in self._held if key not in surplus]


def fair_share(logs: int, members: int, rank: int) -> int:
    """Say how many of the logs the member of this rank gets; the shares add up to all of them."""
    return logs // members + (rank < logs % members)


def lock_key(*parts: str | int) -> int:
    """Hash the parts to the 64-bit number of an advisory lock."""
    name = "\x00".join(str(part) for part in parts)
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, signed=True)


# The session on which a member holds its logs and reads them.

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


_SHORTEST_SLEEP: Final = 0.002
_LONGEST_SLEEP: Final = 0.05


class PostgresSubscription:
    """A Subscription that looks for new messages up to twenty times a second."""

    def __init__(
        self, engine: Engine, group: str, topics: Collection[str], positions: StoredPositions
    ) -> None:
        self._engine = engine
        self._group = group
        self._topics = frozenset(topics)
        self._positions = positions
        self._session: ReadingSession | None = None
        self._next: dict[TopicPartition, int] = {}

    def connect(self) -> None:
        """Join the group now instead of at the first poll. Raises BusUnavailable, UnknownTopic."""
        with self._translated("subscribe"):
            self._connected()

    def poll(self, max_messages: int, timeout: float) -> list[ReceivedMessage]:
        """Settle the shares, then read; sleep a little longer after each time in vain."""
        deadline = time.monotonic() + timeout
        sleep = _SHORTEST_SLEEP
        while True:
            with self._translated("read"):
                received = self._read(max_messages)
            left = deadline - time.monotonic()
            if received or left <= 0:
                return received
            time.sleep(min(sleep, left))
            sleep = min(sleep * 2, _LONGEST_SLEEP)

    def assignment(self) -> frozenset[TopicPartition]:
        """Return the logs that this member holds."""
        return frozenset(self._next)

    def lag(self) -> int:
        """Compare the end of each log held with the position in it."""
        with self._translated("measure the lag"):
            edges = self._connected().edges()
        return sum(
            max(0, edges[log][1] - max(position, edges[log][0]))
            for log, position in self._next.items()
        )

    def rewind(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read on from these offsets in the logs that are still held."""
        for log in positions.keys() & self._next.keys():
            self._next[log] = positions[log]

    def close(self) -> None:
        """Let go of the connection, and so of the logs."""
        session, self._session = self._session, None
        self._next = {}
        if session is not None:
            session.close()

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

    def _connected(self) -> ReadingSession:
        if self._session is None:
            self._session = ReadingSession.open(self._engine, self._group, self._topics)
        return self._session

    def _read(self, max_messages: int) -> list[ReceivedMessage]:
        session = self._connected()
        held = session.settle()
        if held != self._next.keys():
            self._place(session, held)
        if not held:
            return []
        received = session.read(self._next, max_messages)
        self._advance(received)
        return received

    def _place(self, session: ReadingSession, held: frozenset[TopicPartition]) -> None:
        """Forget what was given back, and look up where to start in what has arrived."""
        self._next = {log: position for log, position in self._next.items() if log in held}
        arrived = sorted(held - self._next.keys(), key=lambda log: (log.topic, log.partition))
        if not arrived:
            return
        stored = self._positions(arrived)
        edges = session.edges()
        for log in arrived:
            first, following = edges[log]
            position = stored.get(log, first)
            # A position beyond the end belongs to some other log: start over, as Kafka does.
            self._next[log] = position if position <= following else first

    def _advance(self, received: list[ReceivedMessage]) -> None:
        """Step forward, and let the logs that were read now wait behind the others."""
        for message in received:
            log = TopicPartition(message.topic, message.partition)
            self._next.pop(log)
            self._next[log] = message.offset + 1

    @contextmanager
    def _translated(self, doing: str) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, psycopg.Error) as error:
            self.close()
            raise BusUnavailable(
                f"PostgreSQL could not {doing} for group {self._group}. Look whether the database "
                "runs and is migrated, then poll again."
            ) from error
