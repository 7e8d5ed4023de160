"""By which feed a message came, for when it is decided on again; and who has two schools."""

from alembic import op

revision = "0024_feeds_of_messages"
down_revision = "0023_emergencies"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the columns; of messages from before nobody knows by which feed they came."""
    op.execute("ALTER TABLE message_outcome ADD COLUMN feed_id text")
    op.execute("ALTER TABLE own.told_involvement ADD is_dual boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Remove them."""
    op.execute("ALTER TABLE own.told_involvement DROP COLUMN is_dual")
    op.execute("ALTER TABLE message_outcome DROP COLUMN feed_id")
