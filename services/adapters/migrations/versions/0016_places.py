"""Places where somebody protected is, so that nobody else's record tells them."""

revision = "0016_places"
down_revision = "0015_families"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
