"""Places where somebody protected is, so that nobody else's record tells them."""

from alembic import op

revision = "0016_places"
down_revision = "0015_families"
branch_labels = None
depends_on = None

# Keyed hashes only. Of records from before it is null: not known, until one is opened.
_TABLES = """
ALTER TABLE record ADD COLUMN places bytea[];
CREATE TABLE protected_place (
    person_id text NOT NULL REFERENCES person,
    place bytea NOT NULL,
    PRIMARY KEY (person_id, place)
);
CREATE INDEX protected_place_place ON protected_place (place);
GRANT SELECT, INSERT ON protected_place
    TO tell_once_app, tell_once_connectors, tell_once_aggregation;
"""
_NONE = """
DROP TABLE protected_place;
ALTER TABLE record DROP COLUMN places;
"""


def upgrade() -> None:
    """Make the table, the column and their grants."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Remove them: what tells where somebody protected is, is shown in others' records again."""
    op.execute(_NONE)
