"""What services say beside their answers, what others were told of it, and by which systems."""

from alembic import op

revision = "0068_community"
down_revision = "0067_answering"
branch_labels = None
depends_on = None

# Words are sealed under the key of whom they are about; what was asked again by a partner's system
# is known by a keyed hash of the partner's own mark for it.
_TABLES = """
CREATE TABLE connection_said (
    connection_id text NOT NULL REFERENCES connection ON DELETE CASCADE,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    contacted_on date,
    next_step text,
    sealed bytea,
    PRIMARY KEY (connection_id, version)
);
CREATE TABLE connection_told (
    connection_id text PRIMARY KEY REFERENCES connection ON DELETE CASCADE,
    version integer NOT NULL,
    at timestamptz NOT NULL,
    is_all boolean NOT NULL
);
CREATE TABLE connection_answered (
    partner_id text NOT NULL REFERENCES partner,
    once bytea NOT NULL,
    asked bytea NOT NULL,
    connection_id text NOT NULL REFERENCES connection ON DELETE CASCADE,
    version integer NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (partner_id, once)
);
CREATE INDEX connection_answered_connection ON connection_answered (connection_id);
ALTER TABLE partner ADD COLUMN answers_for text REFERENCES directory_partner;
GRANT SELECT, INSERT ON connection_said, connection_answered TO tell_once_app;
GRANT SELECT, INSERT, UPDATE ON connection_told TO tell_once_app, tell_once_connectors;
GRANT SELECT ON connection, connection_person, connection_change, connection_said
    TO tell_once_connectors;
GRANT SELECT (service_id, name, partner_code) ON directory_service TO tell_once_connectors;
GRANT SELECT (partner_code, name) ON directory_partner TO tell_once_connectors;
GRANT SELECT (connection_id, sealed), UPDATE (sealed) ON connection_said TO tell_once_aggregation;
"""


def upgrade() -> None:
    """Make the tables; no system answers for any service yet."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Remove them; what was published stays as any source's records do."""
    op.execute("ALTER TABLE partner DROP COLUMN answers_for")
    op.execute("DROP TABLE connection_answered, connection_told, connection_said")
