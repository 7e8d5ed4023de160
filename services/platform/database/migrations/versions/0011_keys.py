"""Keys: under which wrapping key each data key lies, and what was destroyed."""

from alembic import op

revision = "0011_keys"
down_revision = "0010_candidates"
branch_labels = None
depends_on = None

# A row of `erasure` is made with the rows of the person gone, and is finished once the vault has
# forgotten the key. The handle stays: a vault that is restored from a backup is told again. The
# index is for decisions about nobody else, which go with the person.
_KEYS = """
ALTER TABLE person ADD COLUMN wrapped_under integer NOT NULL DEFAULT 0;
CREATE TABLE erasure (
    person_id text PRIMARY KEY REFERENCES person,
    erasure_id text NOT NULL,
    because text NOT NULL,
    ordered_by text NOT NULL,
    ordered_at timestamptz NOT NULL,
    handle bytea,
    destroyed_at timestamptz
);
CREATE INDEX erasure_unfinished ON erasure (ordered_at) WHERE destroyed_at IS NULL;
CREATE INDEX sharing_decision_subject_decision ON sharing_decision_subject (decision_id);
GRANT SELECT ON erasure TO tell_once_app;
"""
_NO_KEYS = """
DROP INDEX sharing_decision_subject_decision;
DROP TABLE erasure;
ALTER TABLE person DROP COLUMN wrapped_under;
"""


def upgrade() -> None:
    """Make the column and the table."""
    op.execute(_KEYS)


def downgrade() -> None:
    """Remove them; data keys that were wrapped since stay as they are."""
    op.execute(_NO_KEYS)
