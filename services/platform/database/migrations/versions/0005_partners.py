"""Partner systems: who they are, their keys, tokens used once, and what became of what they sent.

Who may come in is written by the owner alone (`tell-once partner`): whoever breaks into a process
that takes requests cannot make itself a partner, nor lift a suspension.
"""

from alembic import op

revision = "0005_partners"
down_revision = "0004_holding"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE partner (
    partner_id text PRIMARY KEY,
    scopes text[] NOT NULL,
    la_code text,
    per_second double precision NOT NULL CHECK (per_second > 0),
    burst integer NOT NULL CHECK (burst > 0),
    added_at timestamptz NOT NULL,
    suspended_at timestamptz
);
CREATE TABLE partner_key (
    partner_id text NOT NULL REFERENCES partner,
    kid text NOT NULL,
    jwk text NOT NULL,
    added_at timestamptz NOT NULL,
    valid_until timestamptz,
    PRIMARY KEY (partner_id, kid)
);
CREATE TABLE partner_secret (
    partner_id text NOT NULL REFERENCES partner,
    secret_hash bytea NOT NULL,
    added_at timestamptz NOT NULL,
    valid_until timestamptz,
    PRIMARY KEY (partner_id, secret_hash)
);
CREATE TABLE partner_token (
    token_hash bytea PRIMARY KEY,
    partner_id text NOT NULL REFERENCES partner,
    scopes text[] NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX partner_token_partner ON partner_token (partner_id, expires_at);
CREATE TABLE partner_assertion (
    partner_id text NOT NULL REFERENCES partner,
    token_id bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (partner_id, token_id)
);
CREATE TABLE partner_event (
    event bytea PRIMARY KEY,
    first_at timestamptz NOT NULL
);
CREATE INDEX partner_event_first ON partner_event (first_at);
CREATE TABLE partner_disposition (
    partner_id text NOT NULL REFERENCES partner,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    source text NOT NULL,
    receipt bytea NOT NULL,
    disposition text NOT NULL,
    reason text,
    field text,
    at timestamptz NOT NULL,
    PRIMARY KEY (partner_id, xid, seq)
);
CREATE INDEX partner_disposition_at ON partner_disposition (at);
CREATE TABLE partner_withheld (
    partner_id text NOT NULL REFERENCES partner,
    source text NOT NULL,
    ref bytea NOT NULL,
    receipt bytea NOT NULL,
    record_keys text[] NOT NULL,
    version text NOT NULL,
    withheld_at timestamptz NOT NULL,
    asked_at timestamptz,
    PRIMARY KEY (source, ref, partner_id)
);
CREATE INDEX partner_withheld_asked ON partner_withheld (partner_id, receipt)
    WHERE asked_at IS NOT NULL;
"""
# A bucket that a crash empties is full again a moment later: not worth the log's time.
_PACE = """
CREATE UNLOGGED TABLE partner_pace (
    bucket text PRIMARY KEY,
    free_at timestamptz NOT NULL
) WITH (fillfactor = 50)
"""
_GRANTS = """
GRANT SELECT ON partner, partner_key, partner_secret TO tell_once_connectors;
GRANT SELECT, INSERT, DELETE ON partner_token, partner_assertion, partner_event,
    partner_disposition TO tell_once_connectors;
GRANT SELECT, INSERT, UPDATE, DELETE ON partner_withheld TO tell_once_connectors;
GRANT SELECT, INSERT, UPDATE ON partner_pace TO tell_once_connectors;
GRANT SELECT ON partner, partner_token TO tell_once_app;
"""
# What a partner pushes is decided on without looking at what others have sent.
# Who pushed a message that could not be read is told what became of it when it is read again.
_PARKED = "ALTER TABLE parked ADD COLUMN partner_id text REFERENCES partner"
_NO_PROFILES = "REVOKE SELECT ON record, case_load FROM tell_once_connectors"
_PROFILES = "GRANT SELECT ON record, case_load TO tell_once_connectors"


def upgrade() -> None:
    """Make the tables and their grants; connectors no longer read the profile's tables."""
    op.execute(_TABLES)
    op.execute(_PACE)
    op.execute(_GRANTS)
    op.execute(_PARKED)
    op.execute(_NO_PROFILES)


def downgrade() -> None:
    """Remove them."""
    op.execute(_PROFILES)
    op.execute("ALTER TABLE parked DROP COLUMN partner_id")
    names = [line.split()[2] for line in _TABLES.splitlines() if line.startswith("CREATE TABLE")]
    for name in ("partner_pace", *reversed(names)):
        op.execute(f"DROP TABLE {name}")
