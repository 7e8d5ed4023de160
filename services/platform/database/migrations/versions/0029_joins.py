"""Joins and partings as states that stay; who is one follows from them, and from nothing else."""

from alembic import op

revision = "0029_joins"
down_revision = "0028_protection"
branch_labels = None
depends_on = None

# Until now one hand was enough, so what was joined waits for a steward, but where families are
# invented. What was undone was one until then: its refusals go with both.
_STATES = """
ALTER TABLE person_join DROP CONSTRAINT person_join_pkey;
DROP INDEX person_join_stands;
ALTER TABLE person_join
    ADD COLUMN state integer NOT NULL DEFAULT 1,
    ADD COLUMN standing text NOT NULL DEFAULT 'claimed',
    ADD COLUMN warrant text,
    ADD COLUMN warranted_at timestamptz,
    ADD COLUMN said_by text,
    ADD COLUMN said_at timestamptz;
UPDATE person_join SET said_by = made_by, said_at = made_at;
UPDATE person_join SET standing = 'warranted', warrant = 'demonstration', warranted_at = made_at
    WHERE undone_at IS NULL AND EXISTS (SELECT FROM installation WHERE is_demonstration);
INSERT INTO person_join (join_id, state, kept, joined, made_by, made_at, because, score,
                         standing, warrant, warranted_at, said_by, said_at)
    SELECT join_id, 2, kept, joined, made_by, made_at, because, score,
           'parted', NULL, NULL, undone_by, undone_at
    FROM person_join WHERE undone_at IS NOT NULL;
UPDATE link_review SET state = 'claimed' FROM person_join j
    WHERE link_review.state = 'joined' AND j.standing = 'claimed' AND j.undone_at IS NULL
      AND least(j.kept, j.joined) = link_review.one
      AND greatest(j.kept, j.joined) = link_review.other;
ALTER TABLE person_join
    DROP COLUMN undone_by, DROP COLUMN undone_at,
    ALTER COLUMN state DROP DEFAULT, ALTER COLUMN standing DROP DEFAULT,
    ALTER COLUMN said_by SET NOT NULL, ALTER COLUMN said_at SET NOT NULL,
    ADD PRIMARY KEY (join_id, state);
CREATE INDEX person_join_kept ON person_join (kept);
ALTER TABLE person_join
    ADD COLUMN salt bytea, ADD COLUMN bound_by uuid UNIQUE, ADD COLUMN seal bytea;
CREATE TRIGGER person_join_stays BEFORE UPDATE ON person_join FOR EACH ROW
    WHEN (OLD.seal IS NOT NULL) EXECUTE FUNCTION bound_row_stays();
REVOKE UPDATE ON person_join FROM tell_once_app, tell_once_connectors;
GRANT SELECT ON person_join TO tell_once_aggregation;
ALTER TABLE person DROP COLUMN joined_into;
ALTER TABLE person_identifier ADD COLUMN is_kept boolean NOT NULL DEFAULT false;
"""
# The version before joins by every row that nobody undid: only what was warranted stays so.
_BACK = """
DELETE FROM person_identifier WHERE is_kept;
ALTER TABLE person_identifier DROP COLUMN is_kept;
DROP TRIGGER person_join_stays ON person_join;
DROP INDEX person_join_kept;
ALTER TABLE person_join DROP COLUMN salt, DROP COLUMN bound_by, DROP COLUMN seal,
    DROP CONSTRAINT person_join_pkey, ADD COLUMN undone_by text, ADD COLUMN undone_at timestamptz;
DELETE FROM person_join old USING person_join later
    WHERE later.join_id = old.join_id AND later.state > old.state;
UPDATE person_join SET undone_by = said_by, undone_at = said_at
    WHERE standing NOT IN ('warranted', 'parting');
UPDATE link_review SET state = 'joined' WHERE state = 'parting';
UPDATE link_review SET state = 'waiting', answered_at = NULL, answered_by = NULL
    WHERE state = 'claimed';
DELETE FROM person_join later USING person_join old
    WHERE later.kept = old.kept AND later.joined = old.joined AND later.join_id > old.join_id
      AND later.undone_at IS NULL AND old.undone_at IS NULL;
ALTER TABLE person_join DROP COLUMN state, DROP COLUMN standing, DROP COLUMN warrant,
    DROP COLUMN warranted_at, DROP COLUMN said_by, DROP COLUMN said_at,
    ADD CHECK ((undone_by IS NULL) = (undone_at IS NULL)), ADD PRIMARY KEY (join_id);
CREATE UNIQUE INDEX person_join_stands ON person_join (kept, joined) WHERE undone_at IS NULL;
GRANT UPDATE ON person_join TO tell_once_app, tell_once_connectors;
REVOKE SELECT ON person_join FROM tell_once_aggregation;
ALTER TABLE person ADD COLUMN joined_into text REFERENCES person CHECK (joined_into <> person_id);
WITH RECURSIVE edge AS (
    SELECT kept AS one, joined AS other FROM person_join WHERE undone_at IS NULL
    UNION ALL SELECT joined, kept FROM person_join WHERE undone_at IS NULL
), reached AS (
    SELECT one AS start, one AS person_id FROM edge
    UNION SELECT reached.start, edge.other FROM reached JOIN edge ON edge.one = reached.person_id
), eldest AS (
    SELECT DISTINCT ON (start) start, person_id
    FROM reached JOIN person USING (person_id) ORDER BY start, created_at, person_id
)
UPDATE person SET joined_into = eldest.person_id FROM eldest
    WHERE person.person_id = eldest.start AND eldest.start <> eldest.person_id;
CREATE INDEX person_joined_into ON person (joined_into) WHERE joined_into IS NOT NULL;
CREATE INDEX person_is_joined ON person (person_id) INCLUDE (joined_into)
    WHERE joined_into IS NOT NULL;
"""


def upgrade() -> None:
    """Keep each state of a join, and nothing that says the same beside them."""
    op.execute(_STATES)


def downgrade() -> None:
    """Go back to one row a join; whoever nobody warranted are two."""
    op.execute(_BACK)
