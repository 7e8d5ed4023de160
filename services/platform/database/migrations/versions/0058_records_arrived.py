"""When a record first came here: later than what it tells of, and not when it was sent again.

Of what is stored already nobody knows it: it stays empty, and counts as having been here.
"""

from alembic import op

revision = "0058_records_arrived"
down_revision = "0057_confirmed_families"
branch_labels = None
depends_on = None

# In two steps: a column that came with a default would say of everything that it came today.
_COLUMN = """
ALTER TABLE record ADD COLUMN arrived_at timestamptz;
ALTER TABLE record ALTER COLUMN arrived_at SET DEFAULT now();
"""


def upgrade() -> None:
    """Add the column, which touches no row."""
    op.execute(_COLUMN)


def downgrade() -> None:
    """Drop it."""
    op.execute("ALTER TABLE record DROP COLUMN arrived_at")
