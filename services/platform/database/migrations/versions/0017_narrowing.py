"""What a family keeps to fewer is kept to them at once, before the record comes round again."""

from alembic import op

revision = "0017_narrowing"
down_revision = "0016_places"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Let the pages take away who may read a record, and nothing else of it."""
    op.execute("GRANT UPDATE (kept_to) ON record TO tell_once_app")


def downgrade() -> None:
    """Take that back: then it holds from when aggregation has seen it."""
    op.execute("REVOKE UPDATE (kept_to) ON record FROM tell_once_app")
