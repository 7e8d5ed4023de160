"""Who works where and as what, agreements and contacts: as history that the ledger vouches for."""

from alembic import op

revision = "0027_memberships"
down_revision = "0026_bound"
branch_labels = None
depends_on = None

# A state is never changed; the newest says where somebody works now. `since` is when they began in
# that agency, `known_at` when this state was written. By what an agency calls somebody its feeds
# give them their cases, so that is of the membership too.
_TABLE = """
CREATE TABLE membership (
    practitioner_id text NOT NULL REFERENCES practitioner,
    state integer NOT NULL,
    agency_code text NOT NULL REFERENCES agency,
    role text NOT NULL,
    worker_ref text,
    since timestamptz NOT NULL,
    until timestamptz,
    asked_by text NOT NULL,
    warranted_by text NOT NULL,
    known_at timestamptz NOT NULL,
    salt bytea,
    bound_by uuid UNIQUE,
    seal bytea,
    PRIMARY KEY (practitioner_id, state)
);
CREATE INDEX membership_agency ON membership (agency_code);
CREATE INDEX membership_worker ON membership (worker_ref) WHERE worker_ref IS NOT NULL;
CREATE TRIGGER membership_stays BEFORE UPDATE ON membership FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
"""
# Since when they work there was not kept: at the latest since the first that they were let do.
_CARRIED_OVER = """
INSERT INTO membership (practitioner_id, state, agency_code, role, worker_ref, since, until,
                        asked_by, warranted_by, known_at)
SELECT p.practitioner_id, 1, p.agency_code, p.role, p.worker_ref,
       least(now(), (SELECT min(least(r.since, r.known_at)) FROM relationship r
                     WHERE r.practitioner_id = p.practitioner_id),
                    (SELECT min(least(l.since, l.known_at)) FROM safeguarding_lead l
                     WHERE l.practitioner_id = p.practitioner_id)),
       NULL, 'job:migration', 'job:migration', now()
FROM practitioner p;
ALTER TABLE practitioner DROP COLUMN agency_code, DROP COLUMN role, DROP COLUMN worker_ref;
"""
# Who may write in the directory enters people and agencies, and changes neither.
_GRANTS = """
GRANT SELECT, INSERT ON membership TO tell_once_app;
GRANT SELECT ON membership TO tell_once_connectors, tell_once_relay;
GRANT SELECT (practitioner_id, name, job_title, purpose) ON practitioner TO tell_once_relay;
REVOKE UPDATE ON practitioner, agency FROM tell_once_app, tell_once_connectors;
REVOKE INSERT ON practitioner, agency FROM tell_once_connectors;
"""
# Agreements were adopted one after another: each is a state of the one by which is decided. Nobody
# deletes one; nobody changes one that is bound, but whoever migrates binds those of before.
_AGREEMENTS = """
ALTER TABLE data_sharing_agreement ADD COLUMN state integer, ADD COLUMN salt bytea,
    ADD COLUMN bound_by uuid UNIQUE, ADD COLUMN seal bytea;
DROP TRIGGER data_sharing_agreement_append_only ON data_sharing_agreement;
UPDATE data_sharing_agreement a SET state = counted.state
FROM (SELECT adoption_id, row_number() OVER (ORDER BY adopted_at) AS state
      FROM data_sharing_agreement) AS counted
WHERE counted.adoption_id = a.adoption_id;
ALTER TABLE data_sharing_agreement ALTER COLUMN state SET NOT NULL, ADD UNIQUE (state);
CREATE TRIGGER data_sharing_agreement_append_only
    BEFORE DELETE OR TRUNCATE ON data_sharing_agreement
    FOR EACH STATEMENT EXECUTE FUNCTION agreement_refuse_change();
CREATE TRIGGER data_sharing_agreement_stays BEFORE UPDATE ON data_sharing_agreement FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
"""
_AGREEMENTS_BACK = """
DROP TRIGGER data_sharing_agreement_stays ON data_sharing_agreement;
DROP TRIGGER data_sharing_agreement_append_only ON data_sharing_agreement;
ALTER TABLE data_sharing_agreement DROP COLUMN state, DROP COLUMN salt, DROP COLUMN bound_by,
    DROP COLUMN seal;
CREATE TRIGGER data_sharing_agreement_append_only
    BEFORE UPDATE OR DELETE OR TRUNCATE ON data_sharing_agreement
    FOR EACH STATEMENT EXECUTE FUNCTION agreement_refuse_change();
DELETE FROM rows_bound WHERE table_name = 'data_sharing_agreement';
"""
# Since when a source holds a contact is history; what it is stands beside, sealed, and is let go of
# when the source takes it back.
_CONTACTS = """
CREATE TABLE contact_told (
    person_id text NOT NULL REFERENCES person,
    source text NOT NULL,
    record_key text NOT NULL,
    contact bytea NOT NULL,
    agency_code text NOT NULL,
    other_person_id text REFERENCES person,
    version text NOT NULL,
    sealed bytea NOT NULL,
    seen_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, source, record_key, contact)
);
CREATE INDEX contact_told_other ON contact_told (other_person_id);
INSERT INTO contact_told (person_id, source, record_key, contact, agency_code, other_person_id,
                          version, sealed, seen_at)
SELECT person_id, source, record_key, contact, agency_code, other_person_id, version, sealed,
       seen_at
FROM contact_held;
ALTER TABLE contact_held DROP COLUMN version, DROP COLUMN sealed, DROP COLUMN seen_at,
    ADD COLUMN state integer NOT NULL DEFAULT 1, ADD COLUMN until timestamptz,
    ADD COLUMN known_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN salt bytea, ADD COLUMN bound_by uuid UNIQUE, ADD COLUMN seal bytea;
ALTER TABLE contact_held RENAME COLUMN first_at TO since;
ALTER TABLE contact_held ALTER COLUMN state DROP DEFAULT, ALTER COLUMN known_at DROP DEFAULT,
    DROP CONSTRAINT contact_held_pkey;
ALTER TABLE contact_held ADD PRIMARY KEY (person_id, source, record_key, contact, state);
CREATE TRIGGER contact_held_stays BEFORE UPDATE ON contact_held FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
ALTER TABLE contact_mark ADD COLUMN state integer NOT NULL DEFAULT 1 CHECK (state = 1),
    ADD COLUMN salt bytea, ADD COLUMN bound_by uuid UNIQUE, ADD COLUMN seal bytea;
CREATE TRIGGER contact_mark_stays BEFORE UPDATE ON contact_mark FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
REVOKE UPDATE, DELETE ON contact_held FROM tell_once_connectors;
GRANT SELECT, INSERT, UPDATE, DELETE ON contact_told TO tell_once_connectors;
GRANT SELECT ON contact_told TO tell_once_app;
"""
_CONTACTS_BACK = """
DROP TRIGGER contact_mark_stays ON contact_mark;
ALTER TABLE contact_mark DROP COLUMN state, DROP COLUMN salt, DROP COLUMN bound_by,
    DROP COLUMN seal;
DROP TRIGGER contact_held_stays ON contact_held;
DELETE FROM contact_held held WHERE until IS NOT NULL OR EXISTS (
    SELECT FROM contact_held later WHERE later.person_id = held.person_id
      AND later.source = held.source AND later.record_key = held.record_key
      AND later.contact = held.contact AND later.state > held.state);
ALTER TABLE contact_held DROP CONSTRAINT contact_held_pkey, DROP COLUMN state, DROP COLUMN until,
    DROP COLUMN known_at, DROP COLUMN salt, DROP COLUMN bound_by, DROP COLUMN seal,
    ADD COLUMN version text, ADD COLUMN sealed bytea, ADD COLUMN seen_at timestamptz;
ALTER TABLE contact_held RENAME COLUMN since TO first_at;
UPDATE contact_held held SET version = told.version, sealed = told.sealed, seen_at = told.seen_at
FROM contact_told told
WHERE told.person_id = held.person_id AND told.source = held.source
  AND told.record_key = held.record_key AND told.contact = held.contact;
DELETE FROM contact_held WHERE sealed IS NULL;
ALTER TABLE contact_held ALTER COLUMN version SET NOT NULL, ALTER COLUMN sealed SET NOT NULL,
    ALTER COLUMN seen_at SET NOT NULL, ADD PRIMARY KEY (person_id, source, record_key, contact);
DROP TABLE contact_told;
GRANT UPDATE, DELETE ON contact_held TO tell_once_connectors;
DELETE FROM rows_bound WHERE table_name IN ('contact_held', 'contact_mark');
"""
_BACK = """
GRANT INSERT ON practitioner, agency TO tell_once_connectors;
GRANT UPDATE ON practitioner, agency TO tell_once_app, tell_once_connectors;
REVOKE SELECT (practitioner_id, name, job_title, purpose) ON practitioner FROM tell_once_relay;
ALTER TABLE practitioner ADD COLUMN agency_code text REFERENCES agency, ADD COLUMN role text,
    ADD COLUMN worker_ref text;
UPDATE practitioner p SET agency_code = m.agency_code, role = m.role, worker_ref = m.worker_ref
FROM (SELECT DISTINCT ON (practitioner_id) * FROM membership
      ORDER BY practitioner_id, state DESC) AS m
WHERE m.practitioner_id = p.practitioner_id;
ALTER TABLE practitioner ALTER COLUMN agency_code SET NOT NULL, ALTER COLUMN role SET NOT NULL;
GRANT SELECT (role) ON practitioner TO tell_once_relay;
DROP TABLE membership;
DELETE FROM rows_bound WHERE table_name = 'membership';
"""


def upgrade() -> None:
    """Make the table, take over who works where, and let nothing but history be written."""
    op.execute(_TABLE)
    op.execute(_CARRIED_OVER)
    op.execute(_GRANTS)
    op.execute(_AGREEMENTS)
    op.execute(_CONTACTS)


def downgrade() -> None:
    """Put the newest state of each back beside their name; a role that is over too."""
    op.execute(_CONTACTS_BACK)
    op.execute(_AGREEMENTS_BACK)
    op.execute(_BACK)
