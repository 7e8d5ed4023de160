"""Requests to services of the directory: how each stands, about whom, and what became of it."""

from alembic import op

revision = "0066_connections"
down_revision = "0065_directory"
branch_labels = None
depends_on = None

# What is told stands in `sealed`, under the key of whoever would be rung, and nowhere else. Which
# service may see it is not believed from here: the sharing decision names it, and is bound.
_TABLES = """
CREATE TABLE connection (
    connection_id text PRIMARY KEY,
    reference text NOT NULL UNIQUE,
    service_id uuid NOT NULL,
    partner_code text NOT NULL,
    person_id text NOT NULL REFERENCES person,
    asked_by text NOT NULL,
    agency_code text NOT NULL,
    status text NOT NULL,
    version integer NOT NULL CHECK (version > 0),
    categories text[] NOT NULL,
    sealed bytea,
    agreed_until timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    sent_at timestamptz,
    open_by timestamptz,
    respond_by timestamptz,
    undelivered text,
    is_to_ring boolean NOT NULL DEFAULT false,
    chased smallint NOT NULL DEFAULT 0,
    declined text,
    suggested uuid,
    ended text
);
CREATE INDEX connection_contact ON connection (person_id);
CREATE INDEX connection_asked_by ON connection (asked_by);
CREATE INDEX connection_partner ON connection (partner_code);
CREATE INDEX connection_open ON connection (status)
    WHERE status NOT IN ('finished', 'declined', 'lapsed', 'withdrawn');
CREATE TABLE connection_person (
    connection_id text NOT NULL REFERENCES connection ON DELETE CASCADE,
    person_id text NOT NULL REFERENCES person,
    decision_id text NOT NULL,
    PRIMARY KEY (connection_id, person_id)
);
CREATE INDEX connection_person_person ON connection_person (person_id);
CREATE INDEX connection_person_decision ON connection_person (decision_id);
CREATE TABLE connection_change (
    connection_id text NOT NULL REFERENCES connection ON DELETE CASCADE,
    version integer NOT NULL,
    change text NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    because text,
    PRIMARY KEY (connection_id, version)
);
GRANT SELECT, INSERT ON connection, connection_person, connection_change TO tell_once_app;
GRANT UPDATE (status, version, sealed, changed_at, sent_at, open_by, respond_by, undelivered,
    is_to_ring, chased, declined, suggested, ended) ON connection TO tell_once_app;
GRANT SELECT (connection_id, person_id, status, changed_at), DELETE ON connection
    TO tell_once_aggregation;
GRANT SELECT (connection_id, person_id) ON connection_person TO tell_once_aggregation;
"""


def upgrade() -> None:
    """Make the tables; nothing was asked of anybody."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Remove them: partners see nothing more."""
    op.execute("DROP TABLE connection_change, connection_person, connection")
