"""When an agency answers its telephone, in its own words."""

from alembic import op

revision = "0053_agency_hours"
down_revision = "0052_looked_before"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what was entered before says nothing of it."""
    op.execute("ALTER TABLE agency ADD COLUMN hours text")


def downgrade() -> None:
    """Remove it."""
    op.execute("ALTER TABLE agency DROP COLUMN hours")
