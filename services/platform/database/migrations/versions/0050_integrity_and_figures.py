"""What figures are counted from, how far exports have come, and what was found of integrity."""

from alembic import op

revision = "0050_integrity_and_figures"
down_revision = "0048_audit_exports"
branch_labels = None
depends_on = None

# Derived by the relay from the index of entries: it could be derived again.
_COUNTS = """
CREATE TABLE audit_count (
    measure text NOT NULL,
    period date NOT NULL,
    agency text NOT NULL,
    code text NOT NULL,
    times bigint NOT NULL CHECK (times > 0),
    PRIMARY KEY (measure, period, agency, code)
);
CREATE TABLE audit_counted (
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
    size bigint NOT NULL,
    until timestamptz
);
INSERT INTO audit_counted (size) VALUES (0);
"""
# How many children have an agreement to share in force: the relay asks for the number, and reads no
# decision.
_SHARING = """
CREATE FUNCTION families_sharing(wanted timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
    SELECT count(DISTINCT s.person_id)
    FROM (SELECT DISTINCT ON (decision_id) decision_id,
                 convert_from(document, 'UTF8')::jsonb AS told
          FROM sharing_decision ORDER BY decision_id, version DESC) AS d
        JOIN sharing_decision_subject AS s ON s.decision_id = d.decision_id
    WHERE d.told ->> 'response' = 'given' AND d.told ->> 'basis' = 'consent'
      AND d.told ->> 'confirmed_at' IS NOT NULL AND d.told ->> 'withdrawn_at' IS NULL
      AND d.told ->> 'superseded_at' IS NULL AND d.told ->> 'invalidated_at' IS NULL
      AND (d.told ->> 'until' IS NULL OR CAST(d.told ->> 'until' AS timestamptz) > wanted)
$body$;
"""
# How many rows have left so far; the end is a row that is never changed.
_PROGRESS = """
CREATE TABLE audit_export_progress (
    export_id text PRIMARY KEY REFERENCES audit_export,
    rows bigint NOT NULL,
    at timestamptz NOT NULL
);
"""
# Each pass over the whole ledger and its rows; how things stood each time that changed; which
# witness said no; and when somebody last looked, which is one row.
_INTEGRITY = """
CREATE TABLE integrity_pass (
    pass_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    begun_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    entries bigint NOT NULL,
    checkpoints bigint NOT NULL,
    rows bigint NOT NULL,
    faults bigint NOT NULL,
    first_faults jsonb NOT NULL,
    said_by text NOT NULL
);
CREATE TABLE integrity_change (
    change_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    standing text NOT NULL,
    off_parts text[] NOT NULL,
    told integer NOT NULL
);
CREATE TABLE integrity_refusal (
    refusal_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    witness text NOT NULL,
    status integer NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX integrity_refusal_witness ON integrity_refusal (witness, at);
CREATE TABLE integrity_watch (
    is_only_row boolean PRIMARY KEY DEFAULT true CHECK (is_only_row),
    looked_at timestamptz
);
INSERT INTO integrity_watch (looked_at) VALUES (NULL);
"""
_GROWING = ("integrity_pass", "integrity_change", "integrity_refusal")
_GRANTS = """
REVOKE EXECUTE ON FUNCTION families_sharing FROM PUBLIC;
GRANT EXECUTE ON FUNCTION families_sharing TO tell_once_relay;
GRANT SELECT ON audit_count, audit_counted TO tell_once_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON audit_count TO tell_once_relay;
GRANT SELECT, UPDATE (size, until) ON audit_counted TO tell_once_relay;
GRANT SELECT, INSERT, UPDATE ON audit_export_progress TO tell_once_app;
GRANT SELECT ON integrity_pass, integrity_change, integrity_refusal, integrity_watch
    TO tell_once_app, tell_once_relay;
GRANT INSERT ON integrity_change, integrity_refusal TO tell_once_relay;
GRANT UPDATE (looked_at) ON integrity_watch TO tell_once_relay;
GRANT INSERT ON message_out TO tell_once_relay;
"""


def upgrade() -> None:
    """Make the tables; the relay counts from the first entry on."""
    op.execute(_COUNTS)
    op.execute(_SHARING)
    op.execute(_PROGRESS)
    op.execute(_INTEGRITY)
    for table in _GROWING:
        op.execute(f"""
            CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()
        """)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove them; that integrity changed stays in the ledger."""
    op.execute("DROP FUNCTION families_sharing")
    op.execute("REVOKE INSERT ON message_out FROM tell_once_relay")
    op.execute("""
        DROP TABLE integrity_watch, integrity_refusal, integrity_change, integrity_pass,
            audit_export_progress, audit_counted, audit_count
    """)
