"""Which sign-in opens which account, who signed in and has none yet, and who is suspended."""

from alembic import op

revision = "0041_sign_in_accounts"
down_revision = "0040_sessions"
branch_labels = None
depends_on = None

# Of whom a provider means there is a keyed hash. Every state counts for who is one human being,
# whatever became of it: those who write only for families have to know that much.
_ACCOUNTS = """
CREATE TABLE sign_in_account (
    practitioner_id text NOT NULL REFERENCES practitioner,
    subject_digest bytea NOT NULL CHECK (octet_length(subject_digest) = 32),
    state integer NOT NULL CHECK (state > 0),
    provider text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    asked_by text NOT NULL,
    warranted_by text NOT NULL,
    known_at timestamptz NOT NULL,
    salt bytea,
    bound_by uuid UNIQUE,
    seal bytea,
    PRIMARY KEY (practitioner_id, subject_digest, state)
);
CREATE INDEX sign_in_account_subject ON sign_in_account (subject_digest);
CREATE TRIGGER sign_in_account_stays BEFORE UPDATE ON sign_in_account FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
GRANT SELECT, INSERT ON sign_in_account TO tell_once_app;
GRANT SELECT (practitioner_id, subject_digest) ON sign_in_account
    TO tell_once_aggregation, tell_once_connectors, tell_once_relay;
"""
# A function, so that what is asked for each row of other queries is planned once a connection.
_ONE_HUMAN = """
CREATE FUNCTION accounts_beside(account text) RETURNS text[] LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN ARRAY(
        WITH RECURSIVE one_human (id) AS (
            SELECT account
            UNION
            SELECT other.practitioner_id FROM one_human
                JOIN sign_in_account mine ON mine.practitioner_id = one_human.id
                JOIN sign_in_account other ON other.subject_digest = mine.subject_digest)
        SELECT id FROM one_human WHERE id <> account ORDER BY id);
END $$;
"""
_STRANGERS = """
CREATE TABLE sign_in_stranger (
    subject_digest bytea PRIMARY KEY CHECK (octet_length(subject_digest) = 32),
    code_hash bytea NOT NULL UNIQUE CHECK (octet_length(code_hash) = 32),
    provider text NOT NULL,
    until timestamptz NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_stranger TO tell_once_app;
"""
# Whoever goes back finds a suspended membership with a seal that does not fit: it is nobody's.
_SUSPENDED = "ALTER TABLE membership ADD COLUMN suspended_at timestamptz"


def upgrade() -> None:
    """Make the tables and the column."""
    op.execute(_ACCOUNTS)
    op.execute(_ONE_HUMAN)
    op.execute(_STRANGERS)
    op.execute(_SUSPENDED)


def downgrade() -> None:
    """Remove them: nobody signs in by a provider any more."""
    op.execute("ALTER TABLE membership DROP COLUMN suspended_at")
    op.execute("DROP FUNCTION accounts_beside")
    op.execute("DROP TABLE sign_in_stranger, sign_in_account")
    op.execute("DELETE FROM rows_bound WHERE table_name = 'sign_in_account'")
