"""Data-sharing agreements, each version as it was adopted."""

revision = "0006_agreement"
down_revision = "0005_partners"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
