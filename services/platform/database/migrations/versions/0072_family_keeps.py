"""How people want to be reached, and the copies of what is held that they ask for on their page."""

from alembic import op

revision = "0072_family_keeps"
down_revision = "0071_family_acting"
branch_labels = None
depends_on = None

# Of where messages go there is the keyed hash by which sources' contacts are known: a row a state.
_REACH = """
CREATE TABLE family_reach (
    access_id text NOT NULL,
    state integer NOT NULL CHECK (state > 0),
    person_id text NOT NULL REFERENCES person,
    contact bytea,
    times text[] NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (access_id, state)
);
CREATE INDEX family_reach_person ON family_reach (person_id);
GRANT SELECT, INSERT ON family_reach TO tell_once_app;
CREATE INDEX family_session_opened ON family_session (access_id, opened_at);
GRANT SELECT (contact, kind) ON contact_mark TO tell_once_relay;
"""
# What is laid ready is sealed under whom it is about; officers lay it ready as the owner.
_COPIES = """
CREATE TABLE family_copy (
    copy_id text PRIMARY KEY,
    access_id text NOT NULL,
    person_id text NOT NULL REFERENCES person,
    about_id text NOT NULL REFERENCES person,
    asked_at timestamptz NOT NULL,
    ready_at timestamptz,
    until timestamptz,
    sealed bytea
);
CREATE INDEX family_copy_person ON family_copy (person_id, asked_at);
CREATE INDEX family_copy_about ON family_copy (about_id);
CREATE INDEX family_copy_until ON family_copy (until) WHERE until IS NOT NULL;
GRANT SELECT, INSERT ON family_copy TO tell_once_app;
GRANT SELECT (until), DELETE ON family_copy TO tell_once_aggregation;
"""
# By which reviews of an emergency a look of its time is found, on the family's own page.
_REVIEWS = """
CREATE INDEX governance_item_about ON governance_item (about) WHERE state = 1;
"""


def upgrade() -> None:
    """Make the tables; nobody has chosen anything, so nothing is sent."""
    op.execute(_REACH)
    op.execute(_COPIES)
    op.execute(_REVIEWS)


def downgrade() -> None:
    """Remove them: nothing is sent any more, and copies are asked for in person."""
    op.execute("DROP INDEX governance_item_about")
    op.execute("DROP INDEX family_session_opened")
    op.execute("REVOKE SELECT (contact, kind) ON contact_mark FROM tell_once_relay")
    op.execute("DROP TABLE family_copy, family_reach")
