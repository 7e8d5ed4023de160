"""The tables of the event bus on PostgreSQL: topics, the end of each log, and the messages."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Interval,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    func,
)

from services.adapters.tables import metadata

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
