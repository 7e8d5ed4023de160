"""Messages that wait to be sent, and the codes and confirmations that they carry."""

from alembic import op

revision = "0019_messages"
down_revision = "0018_relationships"
branch_labels = None
depends_on = None

# What is sealed here is under secrets of the installation, but for contacts: those are under their
# person's key, so that erasing somebody erases them. `contact` and `asked_about` are keyed hashes.
_TABLES = """
CREATE TABLE message_out (
    message_id text PRIMARY KEY,
    sealed bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    next_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0
);
CREATE INDEX message_out_next ON message_out (next_at);
CREATE TABLE contact_held (
    person_id text NOT NULL REFERENCES person,
    source text NOT NULL,
    agency_code text NOT NULL DEFAULT '',
    record_key text NOT NULL,
    contact bytea NOT NULL,
    held_as text NOT NULL,
    other_person_id text REFERENCES person,
    version text NOT NULL,
    sealed bytea NOT NULL,
    first_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, source, record_key, contact)
);
CREATE INDEX contact_held_contact ON contact_held (contact);
CREATE INDEX contact_held_other ON contact_held (other_person_id);
CREATE TABLE contact_mark (
    contact bytea NOT NULL,
    kind text NOT NULL CHECK (kind IN ('shared', 'unsafe', 'of-a-worker')),
    practitioner_id text NOT NULL DEFAULT '',
    marked_by text NOT NULL,
    marked_at timestamptz NOT NULL,
    PRIMARY KEY (contact, kind, practitioner_id)
);
CREATE TABLE presence (
    presence_id text PRIMARY KEY,
    practitioner_id text NOT NULL REFERENCES practitioner,
    agency_code text NOT NULL,
    person_id text REFERENCES person,
    asked_about bytea NOT NULL,
    sealed_subject bytea,
    with_whom text NOT NULL,
    in_the_room text[] NOT NULL,
    began_at timestamptz NOT NULL,
    lapses_at timestamptz NOT NULL
);
CREATE INDEX presence_practitioner ON presence (practitioner_id, began_at);
CREATE TABLE presence_code (
    code_id text PRIMARY KEY,
    presence_id text NOT NULL REFERENCES presence ON DELETE CASCADE,
    practitioner_id text NOT NULL,
    asked_about bytea NOT NULL,
    code bytea NOT NULL,
    contact bytea,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    used_at timestamptz
);
CREATE INDEX presence_code_presence ON presence_code (presence_id, created_at);
CREATE INDEX presence_code_practitioner ON presence_code (practitioner_id, created_at);
CREATE INDEX presence_code_about ON presence_code (asked_about, created_at);
CREATE TABLE presence_request (
    request_id text PRIMARY KEY,
    presence_id text NOT NULL REFERENCES presence ON DELETE CASCADE,
    way text NOT NULL CHECK (way IN ('officer', 'colleague')),
    asked_at timestamptz NOT NULL,
    lapses_at timestamptz NOT NULL
);
CREATE INDEX presence_request_presence ON presence_request (presence_id);
CREATE TABLE presence_answer (
    request_id text PRIMARY KEY REFERENCES presence_request ON DELETE CASCADE,
    answered_by text NOT NULL,
    answer text NOT NULL,
    answered_at timestamptz NOT NULL
);
CREATE TABLE presence_confirmed (
    presence_id text PRIMARY KEY REFERENCES presence ON DELETE CASCADE,
    person_id text NOT NULL REFERENCES person,
    warrant text NOT NULL,
    reference text NOT NULL,
    relationships text[] NOT NULL,
    confirmed_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL
);
CREATE TABLE presence_sheet (
    sheet_id text PRIMARY KEY,
    presence_id text NOT NULL REFERENCES presence ON DELETE CASCADE,
    written_at timestamptz NOT NULL,
    sealed bytea NOT NULL
);
CREATE INDEX presence_sheet_presence ON presence_sheet (presence_id);

-- The portal asks for messages and never reads one; the relay sends them and never adds any.
GRANT INSERT ON message_out TO tell_once_app;
GRANT SELECT, UPDATE (tries, next_at), DELETE ON message_out TO tell_once_relay;
GRANT SELECT, INSERT, UPDATE, DELETE ON contact_held TO tell_once_connectors;
GRANT SELECT ON contact_held TO tell_once_app;
GRANT SELECT (role) ON practitioner TO tell_once_relay;
-- A mark is never taken off, and what was confirmed or answered stays as it was.
GRANT SELECT, INSERT ON contact_mark, presence, presence_code, presence_request, presence_answer,
    presence_confirmed, presence_sheet TO tell_once_app;
GRANT UPDATE (tries, used_at) ON presence_code TO tell_once_app;
"""
_NONE = """
REVOKE SELECT (role) ON practitioner FROM tell_once_relay;
DROP TABLE presence_sheet, presence_confirmed, presence_answer, presence_request,
    presence_code, presence, contact_mark, contact_held, message_out;
"""


def upgrade() -> None:
    """Make the tables and their grants."""
    op.execute(_TABLES)


def downgrade() -> None:
    """Remove them: what waits is not sent, and nobody can be confirmed by a code."""
    op.execute(_NONE)
