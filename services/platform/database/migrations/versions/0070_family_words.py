"""What somebody of a family wrote on their own page: sealed under their own key."""

from alembic import op

revision = "0070_family_words"
down_revision = "0068_community"
branch_labels = None
depends_on = None

# Every state of it is a row. It opens and hides nothing, so it is not bound to the ledger.
_WORDS = """
CREATE TABLE family_words (
    words_id text NOT NULL,
    state integer NOT NULL CHECK (state > 0),
    person_id text NOT NULL REFERENCES person,
    about_person_id text NOT NULL REFERENCES person,
    use text NOT NULL CHECK (use IN ('story', 'put-right')),
    sealed bytea NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (words_id, state)
);
CREATE INDEX family_words_person ON family_words (person_id);
CREATE INDEX family_words_about ON family_words (about_person_id);
GRANT SELECT, INSERT ON family_words TO tell_once_app;
"""


def upgrade() -> None:
    """Make the table; nobody has written anything."""
    op.execute(_WORDS)


def downgrade() -> None:
    """Remove it, with all that was written."""
    op.execute("DROP TABLE family_words")
