"""Schools as the national register names them, and what each calls the columns of its lists."""

from alembic import op

revision = "0059_schools"
down_revision = "0058_records_arrived"
branch_labels = None
depends_on = None

# The register is public, and taken in whole: nothing refers to a row of it. A set of a school's own
# titles is a row and is never changed: the newest holds, and one without titles takes it back.
# Whoever reads a file again has to know by whose titles it was read.
_SCHOOLS = """
CREATE TABLE school (
    urn text PRIMARY KEY CHECK (urn ~ '^[0-9]{6}$'),
    number text CHECK (number ~ '^[0-9]{7}$'),
    name text NOT NULL,
    telephone text
);
CREATE UNIQUE INDEX school_number ON school (number) WHERE number IS NOT NULL;
CREATE TABLE school_titles (
    set_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    urn text NOT NULL CHECK (urn ~ '^[0-9]{6}$'),
    titles jsonb NOT NULL,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL
);
CREATE INDEX school_titles_newest ON school_titles (urn, set_id);
ALTER TABLE file_to_reread ADD COLUMN school text;
GRANT SELECT ON school TO tell_once_app, tell_once_aggregation;
GRANT SELECT ON school_titles TO tell_once_app, tell_once_connectors;
"""
_BACK = """
ALTER TABLE file_to_reread DROP COLUMN school;
DROP TABLE school_titles;
DROP TABLE school;
"""


def upgrade() -> None:
    """Make the tables; an operator fills them."""
    op.execute(_SCHOOLS)


def downgrade() -> None:
    """Remove them, with what was loaded and set."""
    op.execute(_BACK)
