"""An index of families that confirmed who is with them: few among all relationships."""

from alembic import op

revision = "0057_confirmed_families"
down_revision = "0056_reviews_counted"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it: every reading asks whether the practitioner is with a family just now."""
    op.execute(
        "CREATE INDEX relationship_confirmed ON relationship (practitioner_id)"
        " WHERE ground = 'family-confirmed'"
    )


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP INDEX relationship_confirmed")
