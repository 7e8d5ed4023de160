"""Partners that answer without a system: who answers for them, links, codes, sessions and mail."""

from alembic import op

revision = "0067_answering"
down_revision = "0066_connections"
branch_labels = None
depends_on = None

# Each state of a partner is a row, bound to the ledger; who answers stands beside it, sealed and
# known by a keyed hash, and goes once others do.
_PARTNERS = """
CREATE TABLE community_partner (
    partner_code text NOT NULL REFERENCES directory_partner,
    state integer NOT NULL CHECK (state > 0),
    people bytea NOT NULL,
    is_commissioned boolean NOT NULL,
    asked_by text NOT NULL,
    warranted_by text NOT NULL,
    order_id text NOT NULL,
    known_at timestamptz NOT NULL,
    salt bytea,
    bound_by uuid UNIQUE,
    seal bytea,
    PRIMARY KEY (partner_code, state)
);
CREATE TRIGGER community_partner_stays BEFORE UPDATE ON community_partner FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
CREATE TABLE community_people (
    partner_code text NOT NULL,
    state integer NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (partner_code, state)
);
CREATE TABLE community_proposal (
    proposal_id text PRIMARY KEY,
    partner_code text NOT NULL REFERENCES directory_partner,
    sealed bytea NOT NULL,
    proposed_at timestamptz NOT NULL
);
CREATE TABLE partner_terms (
    person_ref text NOT NULL,
    version text NOT NULL,
    partner_code text NOT NULL,
    sealed bytea NOT NULL,
    accepted_at timestamptz NOT NULL,
    PRIMARY KEY (person_ref, version)
);
GRANT SELECT, INSERT ON community_partner, community_people, partner_terms TO tell_once_app;
GRANT SELECT, INSERT, DELETE ON community_proposal TO tell_once_app;
"""
# Of a link there is the hash. A code for a link that never was is a row as well: one question
# costs what any other does. Nothing here names a person of a family: a connection does.
_ANSWERING = """
CREATE TABLE answering_link (
    link_hash bytea PRIMARY KEY CHECK (octet_length(link_hash) = 32),
    link_id text NOT NULL UNIQUE,
    connection_id text NOT NULL,
    partner_code text NOT NULL,
    person_ref text NOT NULL,
    made_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0
);
CREATE INDEX answering_link_connection ON answering_link (connection_id);
CREATE INDEX answering_link_made ON answering_link (made_at);
CREATE TABLE answering_code (
    code_id text PRIMARY KEY,
    asked bytea NOT NULL,
    code bytea NOT NULL,
    link_id text,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    tries integer NOT NULL DEFAULT 0,
    used_at timestamptz
);
CREATE INDEX answering_code_asked ON answering_code (asked);
CREATE INDEX answering_code_created ON answering_code (created_at);
CREATE TABLE answering_session (
    secret_hash bytea PRIMARY KEY CHECK (octet_length(secret_hash) = 32),
    session_id text NOT NULL UNIQUE,
    link_id text NOT NULL,
    connection_id text NOT NULL,
    partner_code text NOT NULL,
    person_ref text NOT NULL,
    csrf_secret bytea NOT NULL,
    opened_at timestamptz NOT NULL,
    until timestamptz NOT NULL,
    ended_at timestamptz
);
CREATE INDEX answering_session_connection ON answering_session (connection_id);
CREATE INDEX answering_session_until ON answering_session (until);
CREATE TABLE answering_mail (
    message_id text PRIMARY KEY,
    connection_id text NOT NULL,
    partner_code text NOT NULL,
    person_ref text NOT NULL,
    kind text NOT NULL,
    queued_at timestamptz NOT NULL,
    handed_at timestamptz,
    failed_at timestamptz,
    because text,
    settled_at timestamptz
);
CREATE INDEX answering_mail_connection ON answering_mail (connection_id, kind);
CREATE INDEX answering_mail_unsettled ON answering_mail (queued_at) WHERE settled_at IS NULL;
CREATE INDEX answering_mail_queued ON answering_mail (queued_at);
GRANT SELECT, INSERT ON answering_link, answering_code, answering_session TO tell_once_app;
GRANT SELECT, INSERT ON answering_mail TO tell_once_app;
GRANT UPDATE (tries) ON answering_link TO tell_once_app;
GRANT UPDATE (tries, used_at) ON answering_code TO tell_once_app;
GRANT UPDATE (ended_at) ON answering_session TO tell_once_app;
GRANT SELECT, UPDATE (handed_at, failed_at, because, settled_at) ON answering_mail
    TO tell_once_app;
GRANT SELECT (message_id, failed_at), UPDATE (handed_at, failed_at, because, settled_at)
    ON answering_mail TO tell_once_relay;
GRANT SELECT (created_at), DELETE ON answering_code TO tell_once_aggregation;
GRANT SELECT (until), DELETE ON answering_session TO tell_once_aggregation;
GRANT SELECT (made_at), DELETE ON answering_link TO tell_once_aggregation;
GRANT SELECT (queued_at), DELETE ON answering_mail TO tell_once_aggregation;
GRANT SELECT (proposed_at), DELETE ON community_proposal TO tell_once_aggregation;
GRANT SELECT (partner_code, state), DELETE ON community_people TO tell_once_aggregation;
GRANT SELECT (partner_code, state, known_at) ON community_partner TO tell_once_aggregation;
GRANT SELECT (accepted_at), DELETE ON partner_terms TO tell_once_aggregation;
"""


def upgrade() -> None:
    """Make the tables; no partner answers yet."""
    op.execute(_PARTNERS)
    op.execute(_ANSWERING)


def downgrade() -> None:
    """Remove them: no partner answers any more."""
    op.execute("DROP TABLE answering_mail, answering_session, answering_code, answering_link")
    op.execute("DROP TABLE partner_terms, community_proposal, community_people, community_partner")
    op.execute("DELETE FROM rows_bound WHERE table_name = 'community_partner'")
