"""Feeds, what they tell of their agencies' own cases, and case-loads of before taken over."""

from alembic import op

revision = "0020_feeds"
down_revision = "0019_messages"
branch_labels = None
depends_on = None

# A feed is history: a row a state. What was told of cases is what follows from it all, so it is
# kept as it was told last; the relationships that follow are history of their own.
_TABLES = """
CREATE TABLE feed (
    feed_id text NOT NULL,
    state integer NOT NULL,
    source text NOT NULL,
    agency_code text NOT NULL REFERENCES agency,
    channel text NOT NULL,
    reference text NOT NULL,
    class text NOT NULL,
    asked_by text NOT NULL,
    warranted_by text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    known_at timestamptz NOT NULL,
    PRIMARY KEY (feed_id, state)
);
CREATE INDEX feed_reference ON feed (source, channel, reference);
ALTER TABLE parked ADD COLUMN feed_id text;
ALTER TABLE person ADD COLUMN is_own_case boolean NOT NULL DEFAULT false;
CREATE SCHEMA own;
CREATE TABLE own.told_case (
    person_id text NOT NULL REFERENCES person,
    agency_code text NOT NULL REFERENCES agency,
    source text NOT NULL,
    feed_id text NOT NULL,
    is_kept boolean NOT NULL,
    first_told timestamptz NOT NULL,
    last_plain timestamptz,
    PRIMARY KEY (person_id, agency_code)
);
CREATE TABLE own.told_involvement (
    person_id text NOT NULL REFERENCES person,
    agency_code text NOT NULL REFERENCES agency,
    source text NOT NULL,
    record_key text NOT NULL,
    version text NOT NULL,
    feed_id text NOT NULL,
    is_kept boolean NOT NULL,
    named text,
    worker text,
    since text,
    until text,
    scopes text[] NOT NULL,
    part_of text,
    is_removed boolean NOT NULL,
    is_of_kind boolean NOT NULL,
    PRIMARY KEY (person_id, agency_code, source, record_key)
);
CREATE TABLE own.told_clearing (
    person_id text NOT NULL REFERENCES person,
    agency_code text NOT NULL REFERENCES agency,
    source text NOT NULL,
    scope text NOT NULL,
    version text NOT NULL,
    keeps text[] NOT NULL,
    PRIMARY KEY (person_id, agency_code, source, scope, version)
);
CREATE TABLE own.own_label (
    person_id text NOT NULL REFERENCES person,
    agency_code text NOT NULL REFERENCES agency,
    version text NOT NULL,
    is_named boolean NOT NULL,
    digest bytea NOT NULL,
    sealed bytea NOT NULL,
    heard_on date NOT NULL,
    PRIMARY KEY (person_id, agency_code)
);
CREATE INDEX own_label_heard ON own.own_label (heard_on);
"""
# Connectors write labels and cannot read them; who reads them can do nothing else.
_GRANTS = """
GRANT SELECT ON feed TO tell_once_connectors;
GRANT USAGE ON SCHEMA own TO tell_once_connectors, tell_once_own;
GRANT SELECT, INSERT, UPDATE ON own.told_case, own.told_involvement TO tell_once_connectors;
GRANT SELECT, INSERT, DELETE ON own.told_clearing TO tell_once_connectors;
GRANT INSERT, UPDATE, DELETE ON own.own_label TO tell_once_connectors;
GRANT SELECT (person_id, agency_code, version, is_named, digest, heard_on)
    ON own.own_label TO tell_once_connectors;
GRANT SELECT ON own.own_label TO tell_once_own;
"""
# Which agency said that it works with somebody is not known of before, only which one a record
# names: those of the kind of the record's source are taken over and held by the agency's leads,
# who are all of it who open records. Of the others somebody is told; they open nothing any more.
_STANDING = """
CREATE TEMPORARY TABLE standing ON COMMIT DROP AS
SELECT c.person_id, c.agency_code, c.record_key, c.since, c.until, a.kind = r.source AS is_theirs
FROM case_load c
    LEFT JOIN agency a USING (agency_code)
    LEFT JOIN record r ON r.person_id = c.person_id AND r.record_key = c.record_key
WHERE c.part_of IS NULL AND (c.until IS NULL OR left(c.until, 10) >= CAST(current_date AS text))
  AND NOT EXISTS (SELECT FROM case_load AS ending WHERE ending.person_id = c.person_id
                  AND ending.part_of = c.record_key
                  AND left(ending.until, 10) < CAST(current_date AS text));
"""
_CARRIED_OVER = r"""
INSERT INTO relationship (relationship_id, state, person_id, agency_code, practitioner_id, ground,
                          since, until, warrant, warranted_by, asked_by, known_at)
SELECT substr(md5(concat_ws(' ', 'case-load', agency_code, person_id)), 1, 32), 1, person_id,
       agency_code, NULL, 'case-load',
       min(CASE WHEN since ~ '^\d{4}-\d{2}-\d{2}'
                THEN CAST(CAST(left(since, 10) AS date) AS timestamptz) ELSE now() END),
       CASE WHEN bool_or(until IS NULL OR until !~ '^\d{4}-\d{2}-\d{2}') THEN NULL
            ELSE max(CAST(CAST(left(until, 10) AS date) + 1 AS timestamptz)) END,
       'migration', 'job:migration', 'job:migration', now()
FROM standing WHERE is_theirs GROUP BY agency_code, person_id;
INSERT INTO safeguarding_lead (agency_code, practitioner_id, state, since, until, asked_by,
                               warranted_by, known_at)
SELECT p.agency_code, p.practitioner_id, 1, now(), NULL, 'job:migration', 'job:migration', now()
FROM practitioner p WHERE p.role IN ('practitioner', 'lead-practitioner')
  AND p.agency_code IN (SELECT agency_code FROM standing WHERE is_theirs);
INSERT INTO governance_item (item_id, state, kind, person_id, about, raised_by, due_at, known_at)
SELECT substr(md5(concat_ws(' ', 'bound-at-migration', practitioner_id, agency_code)), 1, 32), 1,
       'bound-at-migration', NULL, 'practitioner:' || practitioner_id, 'job:migration',
       now() + interval '10 days', now()
FROM safeguarding_lead WHERE asked_by = 'job:migration'
UNION ALL
SELECT substr(md5(concat_ws(' ', 'merely-named', agency_code, person_id)), 1, 32), 1,
       'merely-named', person_id, min(record_key), 'job:migration', now() + interval '10 days',
       now()
FROM standing WHERE is_theirs IS NOT TRUE GROUP BY agency_code, person_id;
"""
_BACK = """
DELETE FROM governance_item WHERE raised_by = 'job:migration'
    AND kind IN ('bound-at-migration', 'merely-named');
DELETE FROM safeguarding_lead WHERE asked_by = 'job:migration';
DELETE FROM relationship WHERE warrant = 'migration' AND ground = 'case-load'
    AND practitioner_id IS NULL;
ALTER TABLE parked DROP COLUMN feed_id;
ALTER TABLE person DROP COLUMN is_own_case;
DROP SCHEMA own CASCADE;
DROP TABLE feed;
"""


def upgrade() -> None:
    """Make the role, the tables and their grants; take over the case-loads of before."""
    op.execute("""
        DO $$ BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'tell_once_own') THEN
                CREATE ROLE tell_once_own LOGIN;
            END IF;
        END $$
    """)
    op.execute(_TABLES)
    op.execute(_GRANTS)
    op.execute(_STANDING)
    op.execute(_CARRIED_OVER)


def downgrade() -> None:
    """Remove them: case-loads of before are still in their table. Roles are the cluster's."""
    op.execute(_BACK)
