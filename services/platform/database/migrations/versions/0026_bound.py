"""Rows that the ledger vouches for: each state a row of its own, sealed, and never changed."""

from alembic import op

revision = "0026_bound"
down_revision = "0025_visits_end"
branch_labels = None
depends_on = None

_BOUND = (
    "sharing_decision",
    "relationship",
    "safeguarding_lead",
    "cover_rota",
)
# Decisions were written over: now each version stays. Their subjects are in each of them; the table
# of subjects finds them, and is compared with what they say.
_STATES = """
ALTER TABLE sharing_decision_subject DROP CONSTRAINT sharing_decision_subject_decision_id_fkey;
ALTER TABLE sharing_decision DROP CONSTRAINT sharing_decision_pkey;
ALTER TABLE sharing_decision ADD PRIMARY KEY (decision_id, version);
REVOKE UPDATE ON sharing_decision, sharing_decision_subject
    FROM tell_once_app, tell_once_connectors;
CREATE TABLE rows_bound (
    table_name text PRIMARY KEY,
    bound_at timestamptz NOT NULL
);
CREATE FUNCTION bound_row_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a row of % that is bound to the ledger is never changed', TG_TABLE_NAME;
END $$;
"""
# What was there before is bound once, by whoever migrates; after that nothing is.
_BIND = """
ALTER TABLE {table} ADD COLUMN salt bytea, ADD COLUMN bound_by uuid UNIQUE, ADD COLUMN seal bytea;
CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
"""
_UNBIND = """
DROP TRIGGER {table}_stays ON {table};
ALTER TABLE {table} DROP COLUMN salt, DROP COLUMN bound_by, DROP COLUMN seal;
"""
_BACK = """
DROP FUNCTION bound_row_stays();
DROP TABLE rows_bound;
DELETE FROM sharing_decision old USING sharing_decision later
WHERE later.decision_id = old.decision_id AND later.version > old.version;
ALTER TABLE sharing_decision DROP CONSTRAINT sharing_decision_pkey;
ALTER TABLE sharing_decision ADD PRIMARY KEY (decision_id);
ALTER TABLE sharing_decision_subject ADD FOREIGN KEY (decision_id) REFERENCES sharing_decision;
GRANT UPDATE ON sharing_decision, sharing_decision_subject TO tell_once_app, tell_once_connectors;
"""


def upgrade() -> None:
    """Keep each state, and let nobody change one that is bound."""
    op.execute(_STATES)
    for table in _BOUND:
        op.execute(_BIND.format(table=table))


def downgrade() -> None:
    """Go back to the newest version of each decision."""
    for table in _BOUND:
        op.execute(_UNBIND.format(table=table))
    op.execute(_BACK)
