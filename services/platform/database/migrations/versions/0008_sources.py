"""What connectors remember of their sources: scopes that are taken back, and what lies in them."""

from alembic import op

revision = "0008_sources"
down_revision = "0007_witness"
branch_labels = None
depends_on = None

_SCOPES = """
ALTER TABLE record ADD COLUMN scopes text[] NOT NULL DEFAULT '{}',
                   ADD COLUMN keeps text[] NOT NULL DEFAULT '{}';
ALTER TABLE case_load ADD COLUMN part_of text;
CREATE TABLE kept_scope (
    source text NOT NULL,
    scope text NOT NULL,
    ref bytea NOT NULL,
    version text NOT NULL,
    PRIMARY KEY (source, scope, ref)
);
CREATE INDEX kept_scope_ref ON kept_scope (source, ref);
GRANT SELECT, INSERT, UPDATE, DELETE ON kept_scope TO tell_once_connectors;
"""
# What was held before has no version: any removal is newer.
_HELD_VERSION = """
ALTER TABLE holding_health_visiting.held_message ADD COLUMN version text NOT NULL DEFAULT '';
"""
_NO_SCOPES = """
DROP TABLE kept_scope;
ALTER TABLE case_load DROP COLUMN part_of;
ALTER TABLE record DROP COLUMN keeps, DROP COLUMN scopes;
"""


def upgrade() -> None:
    """Make the columns and tables, and their grants."""
    op.execute(_SCOPES)
    op.execute(_HELD_VERSION)


def downgrade() -> None:
    """Remove them."""
    op.execute("ALTER TABLE holding_health_visiting.held_message DROP COLUMN version")
    op.execute(_NO_SCOPES)
