"""What witnesses cosigned: which checkpoint, by which key, with which line; insert only."""

from alembic import op

revision = "0007_witness"
down_revision = "0006_agreement"
branch_labels = None
depends_on = None

# The first index finds what stands below a checkpoint, the second what a witness saw last. No
# foreign key: its check would lock, and so rewrite, a checkpoint that can only stay.
_TABLE = """
CREATE TABLE ledger_cosignature (
    size bigint NOT NULL,
    witness text NOT NULL,
    line text NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (size, witness)
);
CREATE INDEX ledger_cosignature_witness ON ledger_cosignature (witness, size);
CREATE TRIGGER ledger_cosignature_append_only BEFORE UPDATE OR DELETE OR TRUNCATE
    ON ledger_cosignature FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change();
"""
_VIEW = """
CREATE VIEW ledger_cosigned_checkpoint AS
SELECT size, signed_at, note || coalesce((
    SELECT string_agg(line, '' ORDER BY witness) FROM ledger_cosignature
    WHERE ledger_cosignature.size = ledger_checkpoint.size
), '') AS note
FROM ledger_checkpoint
"""
_GRANTS = """
GRANT SELECT ON ledger_cosignature, ledger_cosigned_checkpoint TO tell_once_app, tell_once_relay;
GRANT INSERT (size, witness, line) ON ledger_cosignature TO tell_once_relay;
"""


def upgrade() -> None:
    """Make the table, the trigger that keeps it append-only, the view, and their grants."""
    op.execute(_TABLE)
    op.execute(_VIEW)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove them; checkpoints stay as the log signed them."""
    op.execute("DROP VIEW ledger_cosigned_checkpoint")
    op.execute("DROP TABLE ledger_cosignature")
