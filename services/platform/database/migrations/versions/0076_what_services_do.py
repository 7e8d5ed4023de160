"""What services do with requests: on which day help began or ended, and each day they looked."""

from alembic import op

revision = "0076_what_services_do"
down_revision = "0074_family_taken_off"
branch_labels = None
depends_on = None

# The day is as the service says it, beside the moment at which it said so. Looks are a row a day,
# and go with their request: whoever is told of them reads no ledger.
_UP = """
ALTER TABLE connection_said ADD COLUMN happened_on date;
CREATE TABLE connection_look (
    connection_id text NOT NULL REFERENCES connection ON DELETE CASCADE,
    on_day date NOT NULL,
    first_at timestamptz NOT NULL,
    last_at timestamptz NOT NULL,
    times integer NOT NULL CHECK (times > 0),
    PRIMARY KEY (connection_id, on_day)
);
GRANT SELECT, INSERT ON connection_look TO tell_once_app;
GRANT UPDATE (last_at, times) ON connection_look TO tell_once_app;
"""


def upgrade() -> None:
    """Add a column, which the version before leaves empty, and a table; no look before is in it."""
    op.execute(_UP)


def downgrade() -> None:
    """Take both away: what began or ended did so on the day on which it was said."""
    op.execute("DROP TABLE connection_look")
    op.execute("ALTER TABLE connection_said DROP COLUMN happened_on")
