"""What is told of a parked message, what was said of it; and which was accepted."""

from alembic import op

revision = "0035_parked"
down_revision = "0034_parked_about"
branch_labels = None
depends_on = None

# Of messages from before nobody knows more than the field and the reason: they wait as they did.
_PARKED = """
ALTER TABLE parked ADD COLUMN event text, ADD COLUMN sender text, ADD COLUMN urgency text,
    ADD COLUMN origin bytea, ADD COLUMN state text NOT NULL DEFAULT 'waiting',
    ADD COLUMN order_id text, ADD COLUMN pending text, ADD COLUMN told_at timestamptz;
"""
_NOT_PARKED = """
ALTER TABLE parked DROP COLUMN event, DROP COLUMN sender, DROP COLUMN urgency, DROP COLUMN origin,
    DROP COLUMN state, DROP COLUMN order_id, DROP COLUMN pending, DROP COLUMN told_at;
"""


def upgrade() -> None:
    """Make the columns."""
    op.execute(_PARKED)
    op.execute("ALTER TABLE message_outcome ADD is_accepted boolean NOT NULL DEFAULT false")


def downgrade() -> None:
    """Remove them; what was accepted parks again when it comes again."""
    op.execute("ALTER TABLE message_outcome DROP COLUMN is_accepted")
    op.execute(_NOT_PARKED)
