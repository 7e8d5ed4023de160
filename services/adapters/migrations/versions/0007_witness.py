"""What witnesses cosigned."""

revision = "0007_witness"
down_revision = "0006_agreement"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nothing yet."""


def downgrade() -> None:
    """Nothing yet."""
