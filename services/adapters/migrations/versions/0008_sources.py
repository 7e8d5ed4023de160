"""What connectors remember of their sources."""

revision = "0008_sources"
down_revision = "0007_witness"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
