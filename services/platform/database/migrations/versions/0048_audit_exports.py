"""What auditors have taken away and whether it was finished; and by what a time is found."""

from alembic import op

revision = "0048_audit_exports"
down_revision = "0047_unusual_access"
branch_labels = None
depends_on = None

# A row when it begins and another at its end: one without an end was killed, or is under way.
# What was said of it is sealed, under the key of whom it is about where that is somebody.
_TABLES = """
CREATE TABLE audit_export (
    export_id text PRIMARY KEY,
    format text NOT NULL,
    because text NOT NULL,
    words bytea NOT NULL,
    words_of text REFERENCES person,
    chosen jsonb NOT NULL,
    asked_by text NOT NULL,
    begun_at timestamptz NOT NULL,
    entry_id uuid NOT NULL
);
CREATE INDEX audit_export_begun ON audit_export (begun_at, export_id);
CREATE INDEX audit_export_words_of ON audit_export (words_of) WHERE words_of IS NOT NULL;
CREATE TABLE audit_export_end (
    export_id text PRIMARY KEY REFERENCES audit_export,
    ended_at timestamptz NOT NULL,
    rows bigint NOT NULL,
    sha256 text,
    broken_off text,
    CHECK ((sha256 IS NULL) <> (broken_off IS NULL))
);
GRANT SELECT, INSERT ON audit_export, audit_export_end TO tell_once_app;
"""
# Entries come nearly in the order of their times, so a few bytes for each stretch of pages find a
# time; whoever appends pays next to nothing, and what is not summarised yet is always read.
_TIMES = r"""
CREATE INDEX ledger_entry_at ON ledger_entry USING brin (
    (substring(body, position('\x226174223a22'::bytea IN body) + 6, 27)) bytea_minmax_ops
) WITH (pages_per_range = 32, autosummarize = on)
"""


def upgrade() -> None:
    """Make the tables, which only ever grow, and the index."""
    op.execute(_TABLES)
    for table in ("audit_export", "audit_export_end"):
        op.execute(f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()
        """)
    op.execute(_TIMES)


def downgrade() -> None:
    """Remove them; that there were exports stays in the ledger."""
    op.execute("DROP INDEX ledger_entry_at")
    op.execute("DROP TABLE audit_export_end, audit_export")
