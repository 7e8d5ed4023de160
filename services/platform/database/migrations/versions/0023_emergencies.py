"""Who is told that somebody opened an emergency, until they have seen it."""

from alembic import op

revision = "0023_emergencies"
down_revision = "0022_explaining"
branch_labels = None
depends_on = None

# History: a row a state, the first one "told", the last one "seen". Who opened it, and when, is in
# the relationship.
_TABLE = """
CREATE TABLE emergency_told (
    relationship_id text NOT NULL,
    practitioner_id text NOT NULL REFERENCES practitioner,
    state integer NOT NULL,
    person_id text NOT NULL REFERENCES person,
    reason text NOT NULL,
    has_seen boolean NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (relationship_id, practitioner_id, state)
);
CREATE INDEX emergency_told_practitioner ON emergency_told (practitioner_id);
CREATE INDEX emergency_told_person ON emergency_told (person_id);
"""
_GRANTS = "GRANT SELECT, INSERT ON emergency_told TO tell_once_app"


def upgrade() -> None:
    """Make the table and the grants."""
    op.execute(_TABLE)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove it: governance's queue and the ledger still tell of every emergency."""
    op.execute("DROP TABLE emergency_told")
