"""The event bus in PostgreSQL: the embedded default, and enough for a single hub."""

from collections.abc import Collection, Sequence
from datetime import datetime

import psycopg
from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.dialects.postgresql import insert as insert_or_skip
from sqlalchemy.exc import DBAPIError

from services.adapters.bus_postgres_publishing import TopicLayout, append
from services.adapters.bus_postgres_retention import trim
from services.adapters.bus_postgres_subscription import PostgresSubscription
from services.adapters.bus_tables import bus_logs, bus_topics
from services.errors import BusUnavailable, UnknownTopic
from services.event_bus import (
    BusMessage,
    StoredPositions,
    Subscription,
    TopicSpec,
    refuse_oversized,
)


class PostgresEventBus:
    """An EventBus in the database of `engine`, in the tables of `bus_tables`.

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
