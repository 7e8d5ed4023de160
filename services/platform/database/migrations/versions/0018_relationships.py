"""Relationships with their warrants, orders of two hands, what governance has to look at."""

from alembic import op

revision = "0018_relationships"
down_revision = "0017_narrowing"
branch_labels = None
depends_on = None

# Each of these is history: a row a state, never changed. What holds is the latest state. Held by
# nobody by name, a relationship is that of the agency's safeguarding leads.
_TABLES = """
CREATE TABLE installation (
    is_the_only boolean PRIMARY KEY DEFAULT true CHECK (is_the_only),
    is_demonstration boolean NOT NULL
);
CREATE TABLE relationship (
    relationship_id text NOT NULL,
    state integer NOT NULL,
    person_id text NOT NULL REFERENCES person,
    agency_code text NOT NULL REFERENCES agency,
    practitioner_id text REFERENCES practitioner,
    ground text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    warrant text NOT NULL,
    warranted_by text NOT NULL,
    asked_by text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (relationship_id, state)
);
CREATE INDEX relationship_person ON relationship (person_id);
CREATE INDEX relationship_practitioner ON relationship (practitioner_id)
    WHERE practitioner_id IS NOT NULL;
CREATE INDEX relationship_of_leads ON relationship (agency_code) WHERE practitioner_id IS NULL;
CREATE TABLE relationship_words (
    relationship_id text PRIMARY KEY,
    person_id text NOT NULL REFERENCES person,
    sealed bytea NOT NULL
);
CREATE INDEX relationship_words_person ON relationship_words (person_id);
CREATE TABLE safeguarding_lead (
    agency_code text NOT NULL REFERENCES agency,
    practitioner_id text NOT NULL REFERENCES practitioner,
    state integer NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    asked_by text NOT NULL,
    warranted_by text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (practitioner_id, agency_code, state)
);
CREATE TABLE cover_rota (
    cover_id text NOT NULL,
    state integer NOT NULL,
    agency_code text NOT NULL REFERENCES agency,
    covered text NOT NULL REFERENCES practitioner,
    covering text NOT NULL REFERENCES practitioner,
    is_student boolean NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz NOT NULL,
    written_by text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (cover_id, state),
    CHECK (covered <> covering)
);
CREATE INDEX cover_rota_covering ON cover_rota (covering);
CREATE TABLE relationship_request (
    request_id text NOT NULL,
    state integer NOT NULL,
    person_id text REFERENCES person,
    practitioner_id text NOT NULL REFERENCES practitioner,
    agency_code text NOT NULL REFERENCES agency,
    status text NOT NULL,
    until timestamptz NOT NULL,
    said_by text NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (request_id, state)
);
CREATE INDEX relationship_request_person ON relationship_request (person_id);
CREATE TABLE two_hands_order (
    order_id text NOT NULL,
    state integer NOT NULL,
    kind text NOT NULL,
    document bytea NOT NULL,
    status text NOT NULL,
    asked_by text NOT NULL,
    answered_by text,
    lapses_at timestamptz NOT NULL,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (order_id, state),
    CHECK (answered_by IS DISTINCT FROM asked_by OR status = 'declined')
);
CREATE INDEX two_hands_order_kind ON two_hands_order (kind);
CREATE TABLE governance_item (
    item_id text NOT NULL,
    state integer NOT NULL,
    kind text NOT NULL,
    person_id text REFERENCES person,
    about text NOT NULL,
    raised_by text NOT NULL,
    due_at timestamptz NOT NULL,
    outcome text,
    closed_by text,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (item_id, state)
);
CREATE INDEX governance_item_person ON governance_item (person_id) WHERE person_id IS NOT NULL;
"""
_HISTORY = (
    "relationship, relationship_words, safeguarding_lead, cover_rota, relationship_request, "
    "two_hands_order, governance_item"
)
_GRANTS = f"""
GRANT SELECT ON installation TO tell_once_app, tell_once_aggregation, tell_once_relay,
    tell_once_connectors;
GRANT SELECT, INSERT ON {_HISTORY} TO tell_once_app;
GRANT SELECT, INSERT ON relationship, governance_item TO tell_once_connectors;
GRANT SELECT ON safeguarding_lead, two_hands_order TO tell_once_connectors;
GRANT SELECT, INSERT ON governance_item TO tell_once_aggregation, tell_once_relay;
GRANT SELECT ON relationship TO tell_once_aggregation;
REVOKE INSERT, UPDATE ON legitimate_relationship FROM tell_once_app, tell_once_connectors;
"""  # noqa: S608 of constant parts
# What one person made by their own word opens nothing any more: it is carried over as what it was,
# and somebody looks at it. The rest was put down for invented families and lasts a year.
_CARRIED_OVER = """
INSERT INTO relationship (relationship_id, state, person_id, agency_code, practitioner_id, ground,
                          since, until, warrant, warranted_by, asked_by, known_at)
SELECT substr(md5(concat_ws(' ', old.practitioner_id, old.person_id, old.ground, old.since)),
              1, 32), 1, old.person_id, p.agency_code, old.practitioner_id,
       CASE WHEN old.ground IN ('accepted-request', 'referral') THEN 'referral'
            ELSE old.ground END,
       old.since, coalesce(old.until, old.since + interval '1 year'), 'migration',
       'job:migration', 'job:migration', now()
FROM legitimate_relationship old JOIN practitioner p USING (practitioner_id);
INSERT INTO governance_item (item_id, state, kind, person_id, about, raised_by, due_at, known_at)
SELECT substr(md5(concat_ws(' ', 'self-made', practitioner_id, person_id, since)), 1, 32), 1,
       'self-made-relationship', person_id, 'practitioner:' || practitioner_id, 'job:migration',
       now() + interval '10 days', now()
FROM legitimate_relationship WHERE ground IN ('family-present', 'emergency');
"""
_BACK = """
GRANT SELECT, INSERT, UPDATE ON legitimate_relationship TO tell_once_app, tell_once_connectors;
DROP TABLE governance_item, two_hands_order, relationship_request, cover_rota, safeguarding_lead,
    relationship_words, relationship, installation;
"""


def upgrade() -> None:
    """Make the tables, take over what was there, and let nothing but history be written."""
    op.execute(_TABLES)
    op.execute(_GRANTS)
    op.execute(_CARRIED_OVER)


def downgrade() -> None:
    """Remove them: relationships of before are still in the old table."""
    op.execute(_BACK)
