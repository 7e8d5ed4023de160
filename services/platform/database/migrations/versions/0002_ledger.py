"""The ledger: entries, the Merkle tree over them, and its signed checkpoints; insert only."""

from alembic import op

revision = "0002_ledger"
down_revision = "0001_core"
branch_labels = None
depends_on = None

# No foreign key from ledger_leaf to ledger_entry: its check would lock, and so rewrite, every
# entry; neither table can lose a row, and the verifier finds a leaf without its entry.
_TABLES = """
CREATE TABLE ledger_entry (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    entry_id uuid NOT NULL UNIQUE,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    body bytea NOT NULL
);
CREATE INDEX ledger_entry_xid ON ledger_entry (xid);
CREATE TABLE ledger_leaf (
    idx bigint PRIMARY KEY CHECK (idx >= 0),
    entry_seq bigint NOT NULL UNIQUE,
    leaf_hash bytea NOT NULL CHECK (octet_length(leaf_hash) = 32)
);
CREATE TABLE ledger_node (
    level smallint NOT NULL CHECK (level > 0),
    idx bigint NOT NULL CHECK (idx >= 0),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    PRIMARY KEY (level, idx)
);
CREATE TABLE ledger_checkpoint (
    size bigint PRIMARY KEY CHECK (size >= 0),
    note text NOT NULL,
    signed_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE ledger_integration (
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
    horizon xid8 NOT NULL
);
INSERT INTO ledger_integration (horizon) VALUES ('0');
"""
_INSERT_ONLY = ("ledger_entry", "ledger_leaf", "ledger_node", "ledger_checkpoint")
_REFUSE = """
CREATE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$
"""
_WRITERS = (
    "tell_once_app, tell_once_aggregation, tell_once_connectors, tell_once_relay, "
    "tell_once_health_visiting"
)
# Inserting names its columns, so that no writer can choose the place or the transaction of an
# entry and hide it from the integrator.
_GRANTS = f"""
GRANT SELECT, INSERT (entry_id, body) ON ledger_entry TO {_WRITERS};
GRANT SELECT ON ledger_leaf, ledger_node, ledger_checkpoint, ledger_integration
    TO tell_once_app, tell_once_relay;
GRANT INSERT ON ledger_leaf, ledger_node, ledger_checkpoint TO tell_once_relay;
GRANT UPDATE (horizon) ON ledger_integration TO tell_once_relay;
"""


def upgrade() -> None:
    """Make the tables, the triggers that keep them append-only, and their grants."""
    op.execute(_TABLES)
    op.execute(_REFUSE)
    for table in _INSERT_ONLY:
        op.execute(f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()
        """)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove the ledger, with everything in it."""
    for table in ("ledger_integration", *_INSERT_ONLY):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION ledger_refuse_change()")
