"""Who may decide: what sources have said of age and responsibility."""

from alembic import op

revision = "0021_deciders"
down_revision = "0020_feeds"
branch_labels = None
depends_on = None

# A fact without content was taken back: its version stays, so that nothing older returns. Of a
# scope that was cleared there is a row as of a record. What is past its time the connectors delete.
_TABLES = """
CREATE TABLE decider_fact (
    person_id text NOT NULL REFERENCES person,
    source text NOT NULL,
    agency text NOT NULL,
    record_key text NOT NULL,
    version text NOT NULL,
    scopes text[] NOT NULL,
    keeps text[] NOT NULL,
    sealed bytea,
    other_person_id text REFERENCES person,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, source, agency, record_key)
);
CREATE INDEX decider_fact_other ON decider_fact (other_person_id)
    WHERE other_person_id IS NOT NULL;
CREATE TABLE decider_name (
    person_id text NOT NULL REFERENCES person,
    reference text NOT NULL,
    sealed bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, reference)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON decider_fact TO tell_once_connectors;
GRANT SELECT, DELETE ON decider_name TO tell_once_connectors;
GRANT SELECT ON decider_fact TO tell_once_app;
GRANT SELECT, INSERT ON decider_name TO tell_once_app;
"""


def upgrade() -> None:
    """Make the tables and their grants."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Remove them."""
    op.execute("DROP TABLE decider_name, decider_fact")
