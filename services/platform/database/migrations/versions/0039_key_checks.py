"""By what every process knows at its start that the keys are those of this database."""

from alembic import op

revision = "0039_key_checks"
down_revision = "0038_own_deaths"
branch_labels = None
depends_on = None

# Of each named secret a keyed hash of its name, and under each wrapping key one data key of
# nobody's: neither tells anything of what it checks. Whoever migrates notes them, as the owner.
_TABLE = """
CREATE TABLE key_check (
    name text PRIMARY KEY,
    value bytea NOT NULL
);
GRANT SELECT ON key_check TO tell_once_app, tell_once_aggregation, tell_once_relay,
    tell_once_connectors;
"""


def upgrade() -> None:
    """Make the table; it is filled once the keys are known to be the right ones."""
    op.execute(_TABLE)


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP TABLE key_check")
