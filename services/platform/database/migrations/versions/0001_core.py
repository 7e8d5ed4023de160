"""Persons, decisions, outcomes, records, outbox: what the main job stands on."""

from alembic import op

revision = "0001_core"
down_revision = None
branch_labels = None
depends_on = None

_ROLES = (
    "tell_once_app",
    "tell_once_aggregation",
    "tell_once_relay",
    "tell_once_connectors",
    "tell_once_health_visiting",
)
_TABLES = """
CREATE TABLE person (
    person_id text PRIMARY KEY,
    wrapped_key bytea,
    birth_token bytea,
    created_at timestamptz NOT NULL,
    key_destroyed_at timestamptz
);
CREATE TABLE person_token (
    token bytea NOT NULL,
    person_id text NOT NULL REFERENCES person,
    kind text NOT NULL,
    PRIMARY KEY (token, person_id)
);
CREATE INDEX person_token_person ON person_token (person_id);

CREATE TABLE sharing_decision (
    decision_id text PRIMARY KEY,
    version integer NOT NULL,
    document bytea NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE TABLE sharing_decision_subject (
    person_id text NOT NULL REFERENCES person,
    decision_id text NOT NULL REFERENCES sharing_decision,
    PRIMARY KEY (person_id, decision_id)
);
CREATE TABLE restriction (
    restriction_id text PRIMARY KEY,
    person_id text NOT NULL REFERENCES person,
    scope text NOT NULL,
    allowed text[] NOT NULL,
    placed_at timestamptz NOT NULL,
    lifted_at timestamptz
);
CREATE INDEX restriction_person ON restriction (person_id);

CREATE TABLE agency (
    agency_code text PRIMARY KEY,
    name text NOT NULL,
    kind text NOT NULL,
    telephone text
);
CREATE TABLE practitioner (
    practitioner_id text PRIMARY KEY,
    name text NOT NULL,
    role text NOT NULL,
    job_title text NOT NULL,
    agency_code text NOT NULL REFERENCES agency,
    telephone text,
    worker_ref text,
    purpose text NOT NULL
);
CREATE TABLE legitimate_relationship (
    practitioner_id text NOT NULL REFERENCES practitioner,
    person_id text NOT NULL REFERENCES person,
    ground text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    PRIMARY KEY (practitioner_id, person_id, ground, since)
);
CREATE TABLE case_load (
    agency_code text NOT NULL,
    person_id text NOT NULL REFERENCES person,
    record_key text NOT NULL,
    since text,
    until text,
    PRIMARY KEY (record_key, person_id)
);
CREATE INDEX case_load_agency ON case_load (agency_code, person_id);
CREATE INDEX case_load_person ON case_load (person_id);
CREATE TABLE session (
    secret_hash bytea PRIMARY KEY,
    practitioner_id text NOT NULL REFERENCES practitioner,
    csrf_secret bytea NOT NULL,
    signed_in_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE message_outcome (
    source text NOT NULL,
    ref bytea NOT NULL,
    disposition text NOT NULL,
    reason text,
    withheld text[] NOT NULL DEFAULT '{}',
    at timestamptz NOT NULL,
    PRIMARY KEY (source, ref)
);
CREATE TABLE withheld_token (
    token bytea NOT NULL,
    source text NOT NULL,
    ref bytea NOT NULL,
    PRIMARY KEY (token, source, ref)
);
CREATE INDEX withheld_token_ref ON withheld_token (source, ref);
CREATE TABLE published_subject (
    source text NOT NULL,
    person_id text NOT NULL REFERENCES person,
    PRIMARY KEY (source, person_id)
);
CREATE TABLE person_purge (
    person_id text PRIMARY KEY REFERENCES person,
    at timestamptz NOT NULL
);
CREATE TABLE source_status (
    source text PRIMARY KEY,
    last_received_at timestamptz,
    failing_since timestamptz
);
CREATE TABLE outbox (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    aggregatetype text NOT NULL,
    aggregateid text NOT NULL,
    type text NOT NULL,
    headers bytea NOT NULL,
    payload bytea NOT NULL
);
CREATE TABLE parked (
    parked_id text PRIMARY KEY,
    source text NOT NULL,
    ref bytea NOT NULL,
    position integer NOT NULL,
    message_id text,
    field text NOT NULL,
    reason text NOT NULL,
    sealed bytea NOT NULL,
    at timestamptz NOT NULL,
    UNIQUE (source, ref)
);
CREATE TABLE inbox (
    consumer text NOT NULL,
    event_id text NOT NULL,
    PRIMARY KEY (consumer, event_id)
);
CREATE TABLE consumer_position (
    consumer text NOT NULL,
    topic text NOT NULL,
    partition integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (consumer, topic, partition)
);
CREATE TABLE record (
    record_key text NOT NULL,
    person_id text NOT NULL REFERENCES person,
    other_person_id text,
    source text NOT NULL,
    category text NOT NULL,
    labels text[] NOT NULL,
    version text NOT NULL,
    removed boolean NOT NULL,
    sealed bytea,
    PRIMARY KEY (person_id, source, record_key)
);
CREATE INDEX record_other_person ON record (other_person_id) WHERE other_person_id IS NOT NULL;
CREATE TABLE look (
    disclosure text PRIMARY KEY,
    person_id text NOT NULL,
    practitioner_id text NOT NULL,
    purpose text NOT NULL,
    permitted boolean NOT NULL,
    categories text[] NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX look_person ON look (person_id, at);
"""
_EVERYONE = "tell_once_app, tell_once_aggregation, tell_once_relay, tell_once_connectors"
_GRANTS = f"""
GRANT USAGE ON SCHEMA public TO {_EVERYONE};
GRANT SELECT, INSERT, UPDATE ON person, person_token, sharing_decision, sharing_decision_subject,
    restriction, agency, practitioner, legitimate_relationship, source_status
    TO tell_once_app, tell_once_connectors;
GRANT SELECT ON person, person_token, sharing_decision, sharing_decision_subject, restriction,
    agency, source_status, published_subject TO tell_once_aggregation;
GRANT SELECT, INSERT, UPDATE, DELETE ON session, look TO tell_once_app;
GRANT SELECT ON record, case_load, person_purge TO tell_once_app, tell_once_connectors;
GRANT SELECT, INSERT, UPDATE, DELETE ON record, case_load, inbox, person_purge
    TO tell_once_aggregation;
GRANT SELECT, INSERT, UPDATE, DELETE ON message_outcome, withheld_token, published_subject, parked
    TO tell_once_connectors;
GRANT SELECT, INSERT, UPDATE, DELETE ON message_outcome, withheld_token, published_subject, parked
    TO tell_once_app;
GRANT SELECT, INSERT ON outbox TO {_EVERYONE};
GRANT SELECT, INSERT, UPDATE, DELETE ON outbox TO tell_once_relay;
GRANT SELECT, INSERT, UPDATE, DELETE ON consumer_position TO {_EVERYONE};
GRANT tell_once_health_visiting TO tell_once_connectors;
"""


def upgrade() -> None:
    """Make the roles, the tables and their grants."""
    for role in _ROLES:
        op.execute(f"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
                    CREATE ROLE {role} LOGIN;
                END IF;
            END $$
        """)
    op.execute(_TABLES)
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove the tables; roles belong to the cluster and stay."""
    names = [line.split()[2] for line in _TABLES.splitlines() if line.startswith("CREATE TABLE")]
    for name in reversed(names):
        op.execute(f"DROP TABLE {name} CASCADE")
