"""Connectors write restrictions: whom a source marks is hidden as its message comes."""

from alembic import op

revision = "0055_marks_of_sources"
down_revision = "0053_agency_hours"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add rows only, each bound to the ledger; none is changed or taken away."""
    op.execute("GRANT INSERT ON restriction TO tell_once_connectors")


def downgrade() -> None:
    """Take it back."""
    op.execute("REVOKE INSERT ON restriction FROM tell_once_connectors")
