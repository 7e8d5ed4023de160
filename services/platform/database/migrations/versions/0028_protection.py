"""Exclusions; and restrictions a state a row, each bound to the ledger and never changed."""

from alembic import op

revision = "0028_protection"
down_revision = "0027_memberships"
branch_labels = None
depends_on = None

# What was there before is lasting: nobody is left unprotected until two have looked at it.
_RESTRICTIONS = """
ALTER TABLE restriction
    ADD COLUMN state integer NOT NULL DEFAULT 1 CHECK (state > 0),
    ADD COLUMN is_provisional boolean NOT NULL DEFAULT false,
    ADD COLUMN asked_by text NOT NULL DEFAULT 'job:migration',
    ADD COLUMN warranted_by text,
    ADD COLUMN known_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN salt bytea,
    ADD COLUMN bound_by uuid UNIQUE,
    ADD COLUMN seal bytea;
ALTER TABLE restriction
    ALTER COLUMN state DROP DEFAULT,
    ALTER COLUMN is_provisional DROP DEFAULT,
    ALTER COLUMN asked_by DROP DEFAULT,
    ALTER COLUMN known_at DROP DEFAULT,
    DROP CONSTRAINT restriction_pkey;
ALTER TABLE restriction ADD PRIMARY KEY (restriction_id, state);
REVOKE INSERT, UPDATE ON restriction FROM tell_once_connectors;
REVOKE UPDATE ON restriction FROM tell_once_app;
"""
_EXCLUSIONS = """
CREATE TABLE exclusion (
    exclusion_id text NOT NULL,
    state integer NOT NULL CHECK (state > 0),
    person_id text NOT NULL REFERENCES person,
    practitioner_id text,
    named bytea NOT NULL,
    claim_id text NOT NULL,
    since timestamptz NOT NULL,
    until timestamptz,
    confirmed_by text,
    asked_by text NOT NULL,
    warranted_by text,
    known_at timestamptz NOT NULL,
    salt bytea,
    bound_by uuid UNIQUE,
    seal bytea,
    PRIMARY KEY (exclusion_id, state)
);
CREATE INDEX exclusion_person ON exclusion (person_id);
CREATE INDEX exclusion_asked_by ON exclusion (asked_by, known_at);
GRANT SELECT, INSERT ON exclusion TO tell_once_app;
GRANT SELECT ON exclusion TO tell_once_aggregation, tell_once_connectors;
"""
_STAYS = """
CREATE TRIGGER {table}_stays BEFORE UPDATE ON {table} FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
"""
_BACK = """
DROP TABLE exclusion;
DROP TRIGGER restriction_stays ON restriction;
DELETE FROM restriction old USING restriction later
WHERE later.restriction_id = old.restriction_id AND later.state > old.state;
ALTER TABLE restriction DROP CONSTRAINT restriction_pkey;
ALTER TABLE restriction
    DROP COLUMN state, DROP COLUMN is_provisional, DROP COLUMN asked_by,
    DROP COLUMN warranted_by, DROP COLUMN known_at,
    DROP COLUMN salt, DROP COLUMN bound_by, DROP COLUMN seal;
ALTER TABLE restriction ADD PRIMARY KEY (restriction_id);
GRANT INSERT, UPDATE ON restriction TO tell_once_app, tell_once_connectors;
"""


def upgrade() -> None:
    """Keep each state, and let nobody change one that is bound."""
    op.execute(_RESTRICTIONS)
    op.execute(_EXCLUSIONS)
    for table in ("restriction", "exclusion"):
        op.execute(_STAYS.format(table=table))


def downgrade() -> None:
    """Go back to the newest state of each restriction; an exclusion has no place there."""
    op.execute(_BACK)
