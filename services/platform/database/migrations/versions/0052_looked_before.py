"""When somebody looked at a family before: found without reading who else did."""

from alembic import op

revision = "0052_looked_before"
down_revision = "0051_where_reviews_stand"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.execute("CREATE INDEX look_by ON look (practitioner_id, person_id, at) WHERE permitted")


def downgrade() -> None:
    """Remove it."""
    op.execute("DROP INDEX look_by")
