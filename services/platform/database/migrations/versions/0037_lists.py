"""Whom schools have on their lists, and which of those lists were whole."""

from alembic import op

revision = "0037_lists"
down_revision = "0036_order_of_receipt"
branch_labels = None
depends_on = None

# Of whom nobody knows there is a keyed hash and nothing else: to count how many a list names.
_TABLES = """
CREATE TABLE listed_pupil (
    source text NOT NULL,
    sender text NOT NULL,
    pupil bytea NOT NULL,
    person_id text REFERENCES person,
    own bytea,
    said text NOT NULL,
    alike text NOT NULL,
    parts text[] NOT NULL,
    since text NOT NULL,
    version text NOT NULL,
    left_version text,
    is_in_part boolean NOT NULL,
    has_left boolean NOT NULL,
    PRIMARY KEY (source, sender, pupil)
);
CREATE INDEX listed_pupil_person ON listed_pupil (person_id) WHERE person_id IS NOT NULL;
CREATE TABLE whole_list (
    source text NOT NULL,
    sender text NOT NULL,
    part text NOT NULL,
    version text NOT NULL,
    PRIMARY KEY (source, sender, part)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON listed_pupil, whole_list TO tell_once_connectors;
GRANT INSERT ON two_hands_order TO tell_once_connectors;
"""


def upgrade() -> None:
    """Make the tables; let the connectors ask whether so many are to go."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Remove them."""
    op.execute("REVOKE INSERT ON two_hands_order FROM tell_once_connectors")
    op.execute("DROP TABLE whole_list, listed_pupil")
