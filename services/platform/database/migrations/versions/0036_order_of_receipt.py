"""In which order messages were taken whose source gives them no date, by keyed hashes only."""

from alembic import op

revision = "0036_order_of_receipt"
down_revision = "0032_orders_bound"
branch_labels = None
depends_on = None

_UP = """
ALTER TABLE message_outcome ADD COLUMN about text, ADD COLUMN version text;
CREATE INDEX message_outcome_about ON message_outcome (source, about, version)
    WHERE about IS NOT NULL;
ALTER TABLE parked ADD COLUMN version text;
"""
_DOWN = """
DROP INDEX message_outcome_about;
ALTER TABLE message_outcome DROP COLUMN about, DROP COLUMN version;
ALTER TABLE parked DROP COLUMN version;
"""


def upgrade() -> None:
    """Make the columns; of messages from before nobody noted it."""
    op.execute(_UP)


def downgrade() -> None:
    """Remove them."""
    op.execute(_DOWN)
