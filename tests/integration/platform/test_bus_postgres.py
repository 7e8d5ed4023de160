"""What only the event bus on PostgreSQL has: retention, compaction, roles, its migration."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import ProgrammingError

from services.platform.bus.ports import BusMessage, TopicSpec
from services.platform.bus.postgres import PostgresEventBus, bus_logs, bus_messages, bus_topics
from tests.support.bus_consumer import PositionBook, a_message, read
from tests.support.fixtures.fixtures_bus import MIGRATION, make_bus_tables

pytestmark = pytest.mark.postgres

LATER = datetime.now(UTC) + timedelta(days=8)  # noqa: TID251 - the database's own clock stamps
WEEK = timedelta(days=7)
OURS = {bus_topics.name, bus_logs.name, bus_messages.name}


@pytest.fixture
def topic() -> str:
    """Name a topic of its own."""
    return f"test.{uuid4().hex}"


@pytest.fixture
def bus(bus_engine: Engine) -> PostgresEventBus:
    """Give a bus in the database of this module."""
    return PostgresEventBus(bus_engine)


@pytest.fixture
def migrated(fresh_database: str) -> Iterator[Connection]:
    """Give a connection to a database with nothing but the bus in it."""
    engine = create_engine(fresh_database)
    with engine.connect() as connection:
        make_bus_tables(connection)
        yield connection
    engine.dispose()


def is_ours(_thing: object, name: str | None, kind: str, *_: object) -> bool:
    return kind != "table" or name in OURS


def values(bus: PostgresEventBus, topic: str, count: int) -> list[bytes]:
    with bus.subscribe(topic, [topic], PositionBook()) as subscription:
        return [message.value for message in read(subscription, count)]


def age(engine: Engine, topic: str, *, days: int, before: int) -> None:
    """Make the first messages of a topic of one partition older than they are."""
    with engine.begin() as connection:
        connection.execute(
            text("""
                UPDATE bus_messages SET published_at = published_at - make_interval(days => :days)
                WHERE "offset" < :before
                  AND topic_id = (SELECT id FROM bus_topics WHERE name = :topic)
            """),
            {"days": days, "before": before, "topic": topic},
        )


def test_messages_past_their_retention_are_deleted(
    bus: PostgresEventBus, bus_engine: Engine, topic: str
):
    """The younger stay, and readers from the start begin with them."""
    bus.ensure_topics([TopicSpec(topic, 1, timedelta(days=14), compacted=False)])
    bus.publish([a_message(topic, value=b"%d" % n) for n in range(5)])
    age(bus_engine, topic, days=10, before=3)

    assert bus.trim(LATER) >= 3

    assert values(bus, topic, 2) == [b"3", b"4"]


def test_a_topic_without_retention_keeps_everything(bus: PostgresEventBus, topic: str):
    """None means for ever."""
    bus.ensure_topics([TopicSpec(topic, 1, None, compacted=False)])
    bus.publish([a_message(topic), a_message(topic)])

    bus.trim(LATER + timedelta(days=10_000))

    assert len(values(bus, topic, 2)) == 2


def test_offsets_go_on_where_they_were_when_everything_was_deleted(
    bus: PostgresEventBus, topic: str
):
    """A reader whose position lies in what is gone is given what comes next."""
    bus.ensure_topics([TopicSpec(topic, 1, WEEK, compacted=False)])
    bus.publish([a_message(topic, value=b"%d" % n) for n in range(3)])
    bus.trim(LATER)

    bus.publish([a_message(topic, value=b"3")])

    with bus.subscribe(topic, [topic], PositionBook()) as subscription:
        (message,) = read(subscription, 1)
    assert (message.offset, message.value) == (3, b"3")


def test_a_compacted_topic_keeps_the_last_of_each_key(bus: PostgresEventBus, topic: str):
    """A tombstone goes too, once readers have had a day to see it."""
    bus.ensure_topics([TopicSpec(topic, 1, None, compacted=True)])
    said = [("a", b"1"), ("b", b"2"), ("a", b"3"), ("c", b"4"), ("c", b""), ("b", b"5")]
    bus.publish([a_message(topic, key, value) for key, value in said])

    bus.trim(LATER - timedelta(days=8))
    at_once = values(bus, topic, 3)
    bus.trim(LATER)

    assert at_once == [b"3", b"", b"5"]
    assert values(bus, topic, 2) == [b"3", b"5"]


def test_more_than_one_round_of_expired_messages_goes(bus: PostgresEventBus, topic: str):
    """Rounds are short, the work is done all the same."""
    bus.ensure_topics([TopicSpec(topic, 1, WEEK, compacted=False)])
    message = BusMessage(topic=topic, key="k", headers=(), value=b"x")
    bus.publish([message] * 25_000)

    assert bus.trim(LATER) >= 25_000


def test_the_migration_makes_the_tables_that_the_code_declares(migrated: Connection):
    """No column differs."""
    context = MigrationContext.configure(
        migrated,
        opts={
            "compare_type": True,
            "include_object": is_ours,
        },
    )

    differences = compare_metadata(context, bus_topics.metadata)

    assert [found for found in differences if "bus_" in str(found)] == []


def test_the_migration_goes_down_again(migrated: Connection):
    """Nothing of the bus is left."""
    with Operations.context(MigrationContext.configure(migrated)):
        MIGRATION.downgrade()

    assert OURS.isdisjoint(inspect(migrated).get_table_names())


@pytest.mark.parametrize("role", ["app", "aggregation", "relay", "connectors", "health_visiting"])
def test_every_role_may_publish_and_read(bus_engine: Engine, topic: str, role: str):
    """Each is some process's own."""
    PostgresEventBus(bus_engine).ensure_topics([TopicSpec(topic, 1, None, compacted=False)])
    as_role = create_engine(
        bus_engine.url, connect_args={"options": f"-c role=tell_once_{role}"}, hide_parameters=True
    )
    bus = PostgresEventBus(as_role)

    bus.publish([a_message(topic, value=role.encode())])

    assert values(bus, topic, 1) == [role.encode()]
    as_role.dispose()


@pytest.mark.parametrize("role", ["app", "aggregation", "connectors", "health_visiting"])
def test_only_the_relay_may_delete_messages(bus_engine: Engine, role: str):
    """What was said on the bus stays said until its time is over."""
    with bus_engine.connect() as connection:
        connection.execute(text(f"SET LOCAL ROLE tell_once_{role}"))

        with pytest.raises(ProgrammingError, match="permission denied"):
            connection.execute(text("DELETE FROM bus_messages"))
