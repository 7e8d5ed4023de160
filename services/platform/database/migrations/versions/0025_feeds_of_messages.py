"""By which feed a message came, so that it stays of that feed when it is decided on again."""

from alembic import op

revision = "0025_feeds_of_messages"
down_revision = "0022_explaining"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the column; of messages from before nobody knows it."""
    op.execute("ALTER TABLE message_outcome ADD COLUMN feed_id text")


def downgrade() -> None:
    """Remove it."""
    op.execute("ALTER TABLE message_outcome DROP COLUMN feed_id")
