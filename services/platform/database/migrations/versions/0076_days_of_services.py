"""On which day help began or ended, as a service says it, beside the day on which it said so."""

from alembic import op

revision = "0076_days_of_services"
down_revision = "0073_services_that_reach"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add a column that the version before leaves empty; rights of the table are of this too."""
    op.execute("ALTER TABLE connection_said ADD COLUMN happened_on date")


def downgrade() -> None:
    """Take it away: what began or ended did so on the day on which it was said."""
    op.execute("ALTER TABLE connection_said DROP COLUMN happened_on")
