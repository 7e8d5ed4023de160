"""Who of a family has a page of their own, their codes and their sessions."""

from alembic import op

revision = "0063_family_access"
down_revision = "0061_seen_from_outside"
branch_labels = None
depends_on = None

# Of the contact that signs in there is the keyed hash by which sources' contacts are known; what it
# is stands with those, and goes with them. Every state of an access is a row, bound to the ledger.
_ACCESS = """
CREATE TABLE family_access (
    access_id text NOT NULL,
    state integer NOT NULL CHECK (state > 0),
    person_id text NOT NULL REFERENCES person,
    contact bytea NOT NULL,
    standing text NOT NULL,
    given_by text NOT NULL,
    agency_code text NOT NULL,
    warrant text NOT NULL,
    presence text NOT NULL,
    because text NOT NULL,
    lapses_at timestamptz,
    known_at timestamptz NOT NULL,
    salt bytea,
    bound_by uuid UNIQUE,
    seal bytea,
    PRIMARY KEY (access_id, state)
);
CREATE INDEX family_access_contact ON family_access (contact);
CREATE INDEX family_access_person ON family_access (person_id);
CREATE TRIGGER family_access_stays BEFORE UPDATE ON family_access FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
GRANT SELECT, INSERT ON family_access TO tell_once_app;
"""
# A code for a number that nobody has is a row as well: one question costs what any other does.
_CODES = """
CREATE TABLE family_code (
    code_id text PRIMARY KEY,
    asked bytea NOT NULL,
    use text NOT NULL CHECK (use IN ('sign-in', 'decide')),
    code bytea NOT NULL,
    access_id text,
    person_id text REFERENCES person,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    used_at timestamptz
);
CREATE INDEX family_code_asked ON family_code (asked, use);
CREATE INDEX family_code_created ON family_code (created_at);
CREATE INDEX family_code_person ON family_code (person_id) WHERE person_id IS NOT NULL;
CREATE TABLE family_session (
    secret_hash bytea PRIMARY KEY CHECK (octet_length(secret_hash) = 32),
    session_id text NOT NULL UNIQUE,
    access_id text NOT NULL,
    person_id text NOT NULL REFERENCES person,
    csrf_secret bytea NOT NULL,
    opened_at timestamptz NOT NULL,
    code_at timestamptz NOT NULL,
    last_seen_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX family_session_access ON family_session (access_id) WHERE ended_at IS NULL;
CREATE INDEX family_session_person ON family_session (person_id);
CREATE INDEX family_session_until ON family_session (until);
GRANT SELECT, INSERT ON family_code, family_session TO tell_once_app;
GRANT UPDATE (tries, used_at) ON family_code TO tell_once_app;
GRANT UPDATE (code_at, last_seen_at, ended_at) ON family_session TO tell_once_app;
GRANT SELECT (created_at), DELETE ON family_code TO tell_once_aggregation;
GRANT SELECT (until), DELETE ON family_session TO tell_once_aggregation;
CREATE INDEX family_question_entered_by ON family_question (entered_by) WHERE state = 1;
"""


def upgrade() -> None:
    """Make the tables; nobody has access."""
    op.execute(_ACCESS)
    op.execute(_CODES)


def downgrade() -> None:
    """Remove them: nobody of a family signs in any more."""
    op.execute("DROP INDEX family_question_entered_by")
    op.execute("DROP TABLE family_session, family_code, family_access")
    op.execute("DELETE FROM rows_bound WHERE table_name = 'family_access'")
