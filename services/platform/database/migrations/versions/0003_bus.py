"""The event bus on PostgreSQL: topics, logs, messages.

Revision ID: 0003_bus
Revises: 0002_ledger
"""

from alembic import op

revision = "0003_bus"
down_revision = "0002_ledger"
branch_labels = None
depends_on = None

_ROLES = (
    "tell_once_app, tell_once_aggregation, tell_once_relay, tell_once_connectors, "
    "tell_once_health_visiting"
)


def upgrade() -> None:
    op.execute("""
        CREATE TABLE bus_topics (
            id smallint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            name text NOT NULL UNIQUE,
            partitions smallint NOT NULL,
            retention interval,
            compacted boolean NOT NULL
        )
    """)
    op.execute("""
        CREATE TABLE bus_logs (
            topic_id smallint NOT NULL REFERENCES bus_topics (id),
            partition smallint NOT NULL,
            next_offset bigint NOT NULL DEFAULT 0,
            PRIMARY KEY (topic_id, partition)
        ) WITH (fillfactor = 50)
    """)
    op.execute("""
        CREATE TABLE bus_messages (
            topic_id smallint NOT NULL,
            partition smallint NOT NULL,
            "offset" bigint NOT NULL,
            published_at timestamptz NOT NULL DEFAULT now(),
            key text NOT NULL,
            headers text NOT NULL,
            value bytea NOT NULL,
            PRIMARY KEY (topic_id, partition, "offset")
        ) WITH (toast_tuple_target = 8160)
    """)
    # What is encrypted does not compress; trying costs more than storing it.
    op.execute("ALTER TABLE bus_messages ALTER COLUMN value SET STORAGE EXTERNAL")
    op.execute(f"GRANT SELECT, INSERT ON bus_topics, bus_logs, bus_messages TO {_ROLES}")
    op.execute(f"GRANT UPDATE (next_offset) ON bus_logs TO {_ROLES}")
    op.execute("GRANT DELETE ON bus_messages TO tell_once_relay")


def downgrade() -> None:
    op.execute("DROP TABLE bus_messages, bus_logs, bus_topics")
