"""Sessions that end when nobody is there, ways in through providers, and what was typed meanwhile.

Rows of sign-ins last minutes, drafts an hour; both go with the next sign-in or sweep after that.
"""

from alembic import op

revision = "0040_sessions"
down_revision = "0039_key_checks"
branch_labels = None
depends_on = None

# `role` and `agency_code` are those that the sign-in gave: where they have changed since, the
# session opens nothing. Sessions from before go on, and end when nobody uses them.
_SESSION = """
ALTER TABLE session
    ADD COLUMN session_id text,
    ADD COLUMN role text,
    ADD COLUMN agency_code text,
    ADD COLUMN provider text,
    ADD COLUMN subject_digest bytea,
    ADD COLUMN provider_session bytea,
    ADD COLUMN accounts text[] NOT NULL DEFAULT '{}',
    ADD COLUMN admitted text[] NOT NULL DEFAULT '{}',
    ADD COLUMN id_token bytea,
    ADD COLUMN authenticated_at timestamptz,
    ADD COLUMN last_seen_at timestamptz,
    ADD COLUMN conditions_until timestamptz,
    ADD COLUMN ended_at timestamptz,
    ADD COLUMN ended_because text;
UPDATE session SET session_id = replace(gen_random_uuid()::text, '-', ''),
    authenticated_at = signed_in_at, last_seen_at = greatest(signed_in_at, now());
ALTER TABLE session
    ALTER COLUMN session_id SET NOT NULL,
    ALTER COLUMN authenticated_at SET NOT NULL,
    ALTER COLUMN last_seen_at SET NOT NULL,
    ADD UNIQUE (session_id);
CREATE INDEX session_open_of ON session (practitioner_id) WHERE ended_at IS NULL;
CREATE INDEX session_open_seen ON session (last_seen_at) WHERE ended_at IS NULL;
CREATE INDEX session_open_there ON session (provider, subject_digest) WHERE ended_at IS NULL;
"""
_TABLES = """
CREATE TABLE sign_in_begun (
    state_hash bytea PRIMARY KEY,
    browser_hash bytea NOT NULL,
    provider text NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    back_to text NOT NULL,
    again_as text,
    until timestamptz NOT NULL
);
CREATE TABLE sign_in_choice (
    browser_hash bytea PRIMARY KEY,
    provider text NOT NULL,
    subject_digest bytea NOT NULL,
    provider_session bytea,
    accounts text[] NOT NULL,
    admitted text[] NOT NULL,
    id_token bytea,
    authenticated_at timestamptz NOT NULL,
    back_to text NOT NULL,
    until timestamptz NOT NULL
);
CREATE TABLE logout_taken (
    token_hash bytea PRIMARY KEY,
    until timestamptz NOT NULL
);
CREATE TABLE conditions_accepted (
    practitioner_id text NOT NULL REFERENCES practitioner,
    version text NOT NULL,
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (practitioner_id, accepted_at)
);
CREATE TABLE draft (
    draft_hash bytea PRIMARY KEY,
    practitioner_id text NOT NULL REFERENCES practitioner,
    person_id text REFERENCES person,
    address text NOT NULL,
    sealed bytea NOT NULL,
    until timestamptz NOT NULL
);
CREATE INDEX draft_person ON draft (person_id) WHERE person_id IS NOT NULL;
GRANT SELECT, INSERT, DELETE
    ON sign_in_begun, sign_in_choice, logout_taken, draft TO tell_once_app;
GRANT SELECT, INSERT ON conditions_accepted TO tell_once_app;
GRANT SELECT (until), DELETE ON draft TO tell_once_aggregation;
"""
# A session that is not there opens nothing. Before this nothing said that one was over since nobody
# used it, or since its holder was moved: it would open again. So everybody signs in anew.
_DOWN = """
DELETE FROM session;
DROP TABLE draft, conditions_accepted, logout_taken, sign_in_choice, sign_in_begun;
DROP INDEX session_open_of, session_open_seen;
ALTER TABLE session
    DROP COLUMN session_id, DROP COLUMN role, DROP COLUMN agency_code, DROP COLUMN provider,
    DROP COLUMN subject_digest, DROP COLUMN provider_session, DROP COLUMN accounts,
    DROP COLUMN admitted, DROP COLUMN id_token, DROP COLUMN authenticated_at,
    DROP COLUMN last_seen_at, DROP COLUMN conditions_until, DROP COLUMN ended_at,
    DROP COLUMN ended_because;
"""


def upgrade() -> None:
    """Make columns, tables and grants."""
    op.execute(_SESSION)
    op.execute(_TABLES)


def downgrade() -> None:
    """Remove them, and all sessions."""
    op.execute(_DOWN)
