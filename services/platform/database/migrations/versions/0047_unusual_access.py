"""Looks that are worth asking about, what came of asking, and the list of staff as hashes."""

from alembic import op

revision = "0047_unusual_access"
down_revision = "0046_audit"
branch_labels = None
depends_on = None

# Names, homes and teams are keyed hashes; days of leave come in pairs.
_STAFF = """
CREATE TABLE staff_list (
    practitioner_id text PRIMARY KEY REFERENCES practitioner ON DELETE CASCADE,
    surnames bytea[] NOT NULL,
    postcodes bytea[] NOT NULL,
    places bytea[] NOT NULL,
    team bytea NOT NULL,
    leave_from date[] NOT NULL,
    leave_to date[] NOT NULL,
    duty date[] NOT NULL,
    import_id text NOT NULL
);
CREATE INDEX staff_list_team ON staff_list (team);
"""
# What entries of the ledger tell, as far back as rules look; `place` is that of the entry. A hit is
# one row, and what became of it a row a state: neither is ever changed.
_HITS = """
CREATE TABLE unusual_sweep (
    is_the_only boolean PRIMARY KEY DEFAULT true CHECK (is_the_only),
    next_place bigint NOT NULL,
    judged_until date
);
INSERT INTO unusual_sweep (next_place) VALUES (0);
CREATE TABLE unusual_act (
    place bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    day date NOT NULL,
    kind text NOT NULL,
    practitioner_id text NOT NULL,
    person_id text,
    persons text[] NOT NULL,
    source text
);
CREATE INDEX unusual_act_day ON unusual_act (day, kind);
CREATE INDEX unusual_act_practitioner ON unusual_act (practitioner_id, day);
CREATE INDEX unusual_act_persons ON unusual_act USING gin (persons);
CREATE TABLE unusual_hit (
    hit_id text PRIMARY KEY,
    rule text NOT NULL,
    rule_version text NOT NULL,
    practitioner_id text,
    person_id text,
    day date NOT NULL,
    at timestamptz NOT NULL,
    place bigint NOT NULL,
    acts integer NOT NULL,
    explained_by text,
    raised_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL
);
CREATE INDEX unusual_hit_day ON unusual_hit (day, rule);
CREATE INDEX unusual_hit_pair ON unusual_hit (practitioner_id, rule, person_id);
CREATE INDEX unusual_hit_to_look_at ON unusual_hit (due_at, hit_id) WHERE explained_by IS NULL;
CREATE TABLE unusual_state (
    hit_id text NOT NULL REFERENCES unusual_hit,
    state integer NOT NULL,
    standing text NOT NULL,
    words bytea,
    order_id text,
    said_by text NOT NULL,
    said_at timestamptz NOT NULL,
    PRIMARY KEY (hit_id, state)
);
CREATE FUNCTION unusual_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was found is never changed: % on % refused', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER unusual_hit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON unusual_hit
    FOR EACH STATEMENT EXECUTE FUNCTION unusual_refuse_change();
CREATE TRIGGER unusual_state_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON unusual_state
    FOR EACH STATEMENT EXECUTE FUNCTION unusual_refuse_change();
"""
# The relay's process sweeps; pages list and judge. The hashes of staff are for the sweep alone, but
# for their teams: nobody judges their own.
_GRANTS = """
GRANT SELECT ON staff_list, unusual_hit, unusual_state TO tell_once_relay;
GRANT INSERT ON unusual_hit, unusual_state TO tell_once_relay, tell_once_app;
GRANT SELECT, UPDATE ON unusual_sweep TO tell_once_relay;
GRANT SELECT, INSERT, DELETE ON unusual_act TO tell_once_relay;
GRANT SELECT ON unusual_act, unusual_hit, unusual_state, unusual_sweep TO tell_once_app;
GRANT SELECT (practitioner_id, team) ON staff_list TO tell_once_app;
GRANT SELECT ON relationship, safeguarding_lead, cover_rota, person_join TO tell_once_relay;
GRANT SELECT (person_id, left_behind_at, created_at) ON person TO tell_once_relay;
GRANT SELECT (person_id, facts_id) ON person_facts TO tell_once_relay;
GRANT SELECT ON search_token TO tell_once_relay;
GRANT SELECT (person_id, places, removed) ON record TO tell_once_relay;
GRANT SELECT (disclosure, person_id) ON look TO tell_once_relay;
GRANT SELECT (agency_code, kind) ON agency TO tell_once_relay;
"""
_BACK = """
REVOKE SELECT (agency_code, kind) ON agency FROM tell_once_relay;
REVOKE SELECT (disclosure, person_id) ON look FROM tell_once_relay;
REVOKE SELECT (person_id, places, removed) ON record FROM tell_once_relay;
REVOKE SELECT ON search_token FROM tell_once_relay;
REVOKE SELECT (person_id, facts_id) ON person_facts FROM tell_once_relay;
REVOKE SELECT (person_id, left_behind_at, created_at) ON person FROM tell_once_relay;
REVOKE SELECT ON relationship, safeguarding_lead, cover_rota, person_join FROM tell_once_relay;
DROP TABLE unusual_state, unusual_hit, unusual_act, unusual_sweep, staff_list;
DROP FUNCTION unusual_refuse_change();
DELETE FROM search_token WHERE kind IN ('surname', 'postcode');
"""


def upgrade() -> None:
    """Make the tables and grants."""
    for step in (_STAFF, _HITS, _GRANTS):
        op.execute(step)


def downgrade() -> None:
    """Remove them, with every hit."""
    op.execute(_BACK)
