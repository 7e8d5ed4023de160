"""Retention: how long what is kept, and what a sweep took away."""

from alembic import op

revision = "0012_retention"
down_revision = "0011_keys"
branch_labels = None
depends_on = None

# What a sweep must know of a record without opening it, as coarse as it can be: the month in which
# what it says came to an end, the year of birth on the one record that states it. Both go with
# the record. Of what was stored before they are not known, and its age alone counts.
_MARKS = """
ALTER TABLE record ADD COLUMN about_until date,
                   ADD COLUMN born_year smallint,
                   ADD COLUMN part_of text,
                   ADD COLUMN stored_on date NOT NULL DEFAULT CURRENT_DATE;
ALTER TABLE inbox ADD COLUMN taken_on date NOT NULL DEFAULT CURRENT_DATE;
CREATE TABLE retention_hold (
    person_id text PRIMARY KEY REFERENCES person,
    because text NOT NULL,
    held_by text NOT NULL,
    held_at timestamptz NOT NULL
);
CREATE TABLE retention_sweep (
    part text PRIMARY KEY,
    began_at timestamptz NOT NULL
);
"""
# Whoever breaks into a process that takes requests can neither hold nor release anybody.
_GRANTS = """
GRANT SELECT ON retention_hold TO tell_once_aggregation, tell_once_connectors, tell_once_app;
GRANT SELECT, INSERT, UPDATE ON retention_sweep TO tell_once_aggregation, tell_once_connectors;
GRANT SELECT (expires_at), DELETE ON session TO tell_once_aggregation;
GRANT SELECT (at, person_id), DELETE ON look TO tell_once_aggregation;
"""
_NO_RETENTION = """
REVOKE SELECT (expires_at), DELETE ON session FROM tell_once_aggregation;
REVOKE SELECT (at, person_id), DELETE ON look FROM tell_once_aggregation;
DROP TABLE retention_sweep;
DROP TABLE retention_hold;
ALTER TABLE inbox DROP COLUMN taken_on;
ALTER TABLE record DROP COLUMN stored_on, DROP COLUMN part_of, DROP COLUMN born_year,
                   DROP COLUMN about_until;
"""


def upgrade() -> None:
    """Make the columns and the table of holds, and their grants."""
    op.execute(_MARKS)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove them: everything is kept again for as long as nobody takes it away."""
    op.execute(_NO_RETENTION)
