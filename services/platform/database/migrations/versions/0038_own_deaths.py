"""What an agency's own feeds told of the death of somebody whom it works with."""

from alembic import op

revision = "0038_own_deaths"
down_revision = "0037_lists"
branch_labels = None
depends_on = None

# A row a record, so that a source takes back its own word and nobody else's; it goes with the label
# beside which it is shown. Connectors write it and cannot read it, as they do labels.
_TABLE = """
CREATE TABLE own.own_death (
    person_id text NOT NULL REFERENCES person,
    agency_code text NOT NULL REFERENCES agency,
    source text NOT NULL,
    record_key text NOT NULL,
    version text NOT NULL,
    scopes text[] NOT NULL,
    sealed bytea,
    PRIMARY KEY (person_id, agency_code, record_key),
    FOREIGN KEY (person_id, agency_code) REFERENCES own.own_label ON DELETE CASCADE
);
GRANT INSERT, UPDATE, DELETE ON own.own_death TO tell_once_connectors;
GRANT SELECT (person_id, agency_code, source, record_key, version, scopes)
    ON own.own_death TO tell_once_connectors;
GRANT SELECT ON own.own_death TO tell_once_own;
"""


def upgrade() -> None:
    """Make the table and its grants; what was told before comes again with the next message."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP TABLE own.own_death")
