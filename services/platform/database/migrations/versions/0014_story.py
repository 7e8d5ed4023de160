"""Whom the family keeps an entry of its story to, and everybody whom it is about."""

from alembic import op

revision = "0014_story"
down_revision = "0013_rebuild"
branch_labels = None
depends_on = None

# What `decide` must know before a record is opened: marks are codes and opaque ids. Few records
# are about more than two persons, so only those are in the index.
_STORY = """
ALTER TABLE record ADD COLUMN kept_to text[] NOT NULL DEFAULT '{}',
                   ADD COLUMN also_about text[] NOT NULL DEFAULT '{}';
CREATE INDEX record_also_about ON record USING gin (also_about) WHERE also_about <> '{}';
"""
# An entry that is kept to some, or about several, would be shown more widely than it may: the
# version before must not find it.
_NO_STORY = """
DELETE FROM record WHERE kept_to <> '{}' OR also_about <> '{}';
DROP INDEX record_also_about;
ALTER TABLE record DROP COLUMN also_about, DROP COLUMN kept_to;
"""


def upgrade() -> None:
    """Make the columns and the index."""
    op.execute(_STORY)


def downgrade() -> None:
    """Remove them, and with them what could no longer be kept as its family asked."""
    op.execute(_NO_STORY)
