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


def downgrade() -> None:
    """Put the newest state of each back beside their name; a role that is over too."""
    op.execute(_AGREEMENTS_BACK)
    op.execute(_BACK)
