"""Persons that are one: joins, what was kept apart, and what a join can be undone by."""

from alembic import op

revision = "0009_joins"
down_revision = "0008_sources"
branch_labels = None
depends_on = None

# `joined_into` is never a chain: whoever it names is joined into nobody. It follows from the
# joins that stand, and is kept so that a read need not follow them. Both indexes are as small as
# there are joins: where nobody is joined, asking costs next to nothing.
_JOINS = """
ALTER TABLE person ADD COLUMN joined_into text REFERENCES person
                       CHECK (joined_into <> person_id),
                   ADD COLUMN left_behind_at timestamptz;
CREATE INDEX person_joined_into ON person (joined_into) WHERE joined_into IS NOT NULL;
CREATE INDEX person_is_joined ON person (person_id) INCLUDE (joined_into)
    WHERE joined_into IS NOT NULL;
CREATE TABLE person_join (
    join_id text PRIMARY KEY,
    kept text NOT NULL REFERENCES person,
    joined text NOT NULL REFERENCES person,
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    because text[] NOT NULL,
    score double precision,
    undone_by text,
    undone_at timestamptz,
    CHECK (kept <> joined),
    CHECK ((undone_by IS NULL) = (undone_at IS NULL))
);
CREATE UNIQUE INDEX person_join_stands ON person_join (kept, joined) WHERE undone_at IS NULL;
CREATE INDEX person_join_joined ON person_join (joined);
CREATE TABLE person_apart (
    one text NOT NULL REFERENCES person,
    other text NOT NULL REFERENCES person,
    said_by text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (one, other),
    CHECK (one < other)
);
CREATE INDEX person_apart_other ON person_apart (other);
ALTER TABLE look ADD COLUMN shown_as_one text[] NOT NULL DEFAULT '{}';
CREATE INDEX look_shown_as_one ON look USING gin (shown_as_one) WHERE shown_as_one <> '{}';
GRANT SELECT, INSERT, UPDATE ON person_join TO tell_once_app, tell_once_connectors;
GRANT SELECT, INSERT ON person_apart TO tell_once_app, tell_once_connectors;
"""
_NO_JOINS = """
ALTER TABLE look DROP COLUMN shown_as_one;
DROP TABLE person_apart;
DROP TABLE person_join;
ALTER TABLE person DROP COLUMN left_behind_at, DROP COLUMN joined_into;
"""


def upgrade() -> None:
    """Make the columns and tables, and their grants."""
    op.execute(_JOINS)


def downgrade() -> None:
    """Remove them: whoever was joined is two again."""
    op.execute(_NO_JOINS)
