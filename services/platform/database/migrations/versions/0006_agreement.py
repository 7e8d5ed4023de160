"""Data-sharing agreements, each version as it was adopted; insert only.

Only the owner may adopt one (`tell-once agreement adopt`): whoever breaks into a process that
decides cannot widen what it decides by.
"""

from alembic import op

revision = "0006_agreement"
down_revision = "0005_partners"
branch_labels = None
depends_on = None

_TABLE = """
CREATE TABLE data_sharing_agreement (
    adoption_id text PRIMARY KEY,
    version text NOT NULL,
    adopted_at timestamptz NOT NULL UNIQUE,
    document bytea NOT NULL,
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    adopted_by text NOT NULL
)
"""
_REFUSE = """
CREATE FUNCTION agreement_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'adopted agreements are kept as they were: % refused', TG_OP
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
_TRIGGER = """
CREATE TRIGGER data_sharing_agreement_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON data_sharing_agreement
    FOR EACH STATEMENT EXECUTE FUNCTION agreement_refuse_change()
"""
_READERS = "tell_once_app, tell_once_connectors, tell_once_aggregation"


def upgrade() -> None:
    """Make the table, the trigger that keeps it append-only, and its grants."""
    op.execute(_TABLE)
    op.execute(_REFUSE)
    op.execute(_TRIGGER)
    op.execute(f"GRANT SELECT ON data_sharing_agreement TO {_READERS}")


def downgrade() -> None:
    """Remove every agreement: until one is adopted again, everything is denied."""
    op.execute("DROP TABLE data_sharing_agreement")
    op.execute("DROP FUNCTION agreement_refuse_change()")
