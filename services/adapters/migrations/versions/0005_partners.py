"""Partner systems: who they are, their keys, and tokens used once."""

revision = "0005_partners"
down_revision = "0004_holding"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
