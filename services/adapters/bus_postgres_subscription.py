"""One member of a consumer group on the logs in PostgreSQL."""

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

import psycopg
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from services.adapters.bus_postgres_session import ReadingSession
from services.errors import BusUnavailable
from services.event_bus import ReceivedMessage, StoredPositions, TopicPartition

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
