"""Holding stores: what was withheld waits with its own agency, in a schema of its own."""

from alembic import op

revision = "0004_holding"
down_revision = "0003_bus"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The health-visiting agency's store, and the places of files to be read again."""
    op.execute("""
        CREATE SCHEMA holding_health_visiting AUTHORIZATION tell_once_health_visiting;
        CREATE TABLE holding_health_visiting.held_message (
            ref bytea PRIMARY KEY,
            record_keys text[] NOT NULL,
            sealed bytea NOT NULL,
            held_at timestamptz NOT NULL,
            expires_at timestamptz NOT NULL
        );
        ALTER TABLE holding_health_visiting.held_message OWNER TO tell_once_health_visiting;
        CREATE INDEX held_message_expires
            ON holding_health_visiting.held_message (expires_at);
        CREATE TABLE file_to_reread (
            source text NOT NULL,
            ref bytea NOT NULL,
            path text NOT NULL,
            PRIMARY KEY (source, ref)
        );
        GRANT SELECT, INSERT, UPDATE, DELETE ON file_to_reread TO tell_once_connectors;
    """)


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP TABLE file_to_reread")
    op.execute("DROP SCHEMA holding_health_visiting CASCADE")
