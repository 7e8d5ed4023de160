"""Who answers questions about the past may read since when each history is whole."""

from alembic import op

revision = "0031_times"
down_revision = "0030_orders"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let it be read, and no more."""
    op.execute("GRANT SELECT ON rows_bound TO tell_once_app")


def downgrade() -> None:
    """Take that back."""
    op.execute("REVOKE SELECT ON rows_bound FROM tell_once_app")
