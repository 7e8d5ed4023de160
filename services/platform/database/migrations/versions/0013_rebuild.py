"""A profile built anew beside the live one needs no table: it lies in its session's temporary ones.

The revision stands in the line because databases were brought through it.
"""

revision = "0013_rebuild"
down_revision = "0012_retention"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make nothing."""


def downgrade() -> None:
    """Remove nothing."""
