"""Reviews of children, counted by month: which months were, and what finds the records of one."""

from alembic import op

revision = "0056_reviews_counted"
down_revision = "0055_marks_of_sources"
branch_labels = None
depends_on = None

# A month is a row once it was counted, also where nothing was. Aggregation alone has the keys; it
# adds counts, and can neither read, change nor take away any. The index is of the month in which
# what a record says ended or happened (0012): it finds a month's reviews among all that is stored.
_COUNTED = """
CREATE TABLE audit_reviews_counted (
    month date PRIMARY KEY,
    counted_at timestamptz NOT NULL
);
CREATE INDEX record_child_health ON record (about_until)
    WHERE source = 'health-visiting' AND category = 'child-health' AND NOT removed;
GRANT INSERT ON audit_count TO tell_once_aggregation;
GRANT SELECT, INSERT ON audit_reviews_counted TO tell_once_aggregation;
GRANT SELECT ON audit_reviews_counted TO tell_once_app;
"""
_BACK = """
REVOKE INSERT ON audit_count FROM tell_once_aggregation;
DELETE FROM audit_count WHERE measure IN ('reviews', 'new-birth');
DROP INDEX record_child_health;
DROP TABLE audit_reviews_counted;
"""


def upgrade() -> None:
    """Make table and index; the months of the last year are counted by whoever aggregates."""
    op.execute(_COUNTED)


def downgrade() -> None:
    """Remove them, with what was counted."""
    op.execute(_BACK)
