"""Where hits and the queue's items stand now, how rules do, and what was known by when."""

from alembic import op

revision = "0051_where_reviews_stand"
down_revision = "0050_integrity_and_figures"
branch_labels = None
depends_on = None

# A hit and what was said of it are rows that stay. Where it stands now is one row a hit, and how a
# rule does is counts, so that no page puts together all that was ever said.
_HITS = """
CREATE TABLE unusual_standing (
    hit_id text PRIMARY KEY REFERENCES unusual_hit,
    rule text NOT NULL,
    day date NOT NULL,
    due_at timestamptz NOT NULL,
    raised_at timestamptz NOT NULL,
    state integer NOT NULL,
    standing text NOT NULL
);
CREATE INDEX unusual_standing_due ON unusual_standing (rule, standing, due_at, hit_id)
    INCLUDE (day);
CREATE INDEX unusual_standing_open ON unusual_standing (due_at, hit_id) INCLUDE (raised_at)
    WHERE standing NOT IN ('justified', 'training', 'breach', 'not-real');
DROP INDEX unusual_hit_to_look_at;
CREATE TABLE unusual_count (
    rule text NOT NULL,
    day date NOT NULL,
    rule_version text NOT NULL,
    explained_by text NOT NULL,
    standing text NOT NULL,
    times bigint NOT NULL,
    newest bigint NOT NULL,
    PRIMARY KEY (day, rule, rule_version, explained_by, standing)
);
"""
# By the database itself, in the transaction of the state that changes it: whoever writes a state
# writes this too, and nobody writes it otherwise. Counts are taken in one order, so that two who
# count at once wait for one another and never in a circle.
_COUNTS_ADD = """
    GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5
    ON CONFLICT (day, rule, rule_version, explained_by, standing) DO UPDATE
        SET times = kept.times + EXCLUDED.times, newest = greatest(kept.newest, EXCLUDED.newest);
"""
_FOLLOWS_HITS = f"""
CREATE FUNCTION unusual_hit_counted() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $body$
BEGIN
    INSERT INTO unusual_count AS kept
        (day, rule, rule_version, explained_by, standing, times, newest)
    SELECT day, rule, rule_version, explained_by, '', count(*), max(place)
    FROM added WHERE explained_by IS NOT NULL
    {_COUNTS_ADD}
    RETURN NULL;
END $body$;
CREATE FUNCTION unusual_state_stands() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $body$
BEGIN
    INSERT INTO unusual_count AS kept
        (day, rule, rule_version, explained_by, standing, times, newest)
    SELECT h.day, h.rule, h.rule_version, '', stood.standing, sum(stood.change), max(h.place)
    FROM (SELECT hit_id, standing, 1 AS change FROM added
          UNION ALL
          SELECT a.hit_id, s.standing, -1 FROM added AS a
              JOIN unusual_state AS s ON s.hit_id = a.hit_id AND s.state = a.state - 1) AS stood
        JOIN unusual_hit AS h USING (hit_id)
    {_COUNTS_ADD}
    INSERT INTO unusual_standing AS kept (hit_id, rule, day, due_at, raised_at, state, standing)
    SELECT DISTINCT ON (a.hit_id)
        a.hit_id, h.rule, h.day, h.due_at, h.raised_at, a.state, a.standing
    FROM added AS a JOIN unusual_hit AS h USING (hit_id) ORDER BY a.hit_id, a.state DESC
    ON CONFLICT (hit_id) DO UPDATE SET state = EXCLUDED.state, standing = EXCLUDED.standing
        WHERE kept.state < EXCLUDED.state;
    RETURN NULL;
END $body$;
CREATE TRIGGER unusual_hit_counted AFTER INSERT ON unusual_hit
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION unusual_hit_counted();
CREATE TRIGGER unusual_state_stands AFTER INSERT ON unusual_state
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION unusual_state_stands();
"""  # noqa: S608 of constant parts
_HITS_SO_FAR = """
INSERT INTO unusual_standing (hit_id, rule, day, due_at, raised_at, state, standing)
SELECT DISTINCT ON (s.hit_id) s.hit_id, h.rule, h.day, h.due_at, h.raised_at, s.state, s.standing
FROM unusual_state AS s JOIN unusual_hit AS h USING (hit_id) ORDER BY s.hit_id, s.state DESC;
INSERT INTO unusual_count (day, rule, rule_version, explained_by, standing, times, newest)
SELECT h.day, h.rule, h.rule_version, coalesce(h.explained_by, ''), coalesce(s.standing, ''),
    count(*), max(h.place)
FROM unusual_hit AS h LEFT JOIN unusual_standing AS s USING (hit_id) GROUP BY 1, 2, 3, 4, 5;
"""
# What is open of governance's queue: a row until it is closed, or erased with whom it is about.
_QUEUE = """
CREATE TABLE governance_open (
    item_id text PRIMARY KEY,
    kind text NOT NULL,
    raised_by text NOT NULL,
    known_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL
);
CREATE INDEX governance_open_kind ON governance_open (kind, due_at, item_id) INCLUDE (known_at);
CREATE INDEX governance_open_due ON governance_open (due_at, item_id);
CREATE INDEX governance_open_by ON governance_open (kind, raised_by, known_at);
DROP INDEX governance_item_due;
"""
_FOLLOWS_QUEUE = """
CREATE FUNCTION governance_item_written() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $body$
BEGIN
    INSERT INTO governance_open (item_id, kind, raised_by, known_at, due_at)
    SELECT a.item_id, a.kind, a.raised_by, a.known_at, a.due_at FROM added AS a
    WHERE a.state = 1 AND a.outcome IS NULL
    ON CONFLICT (item_id) DO NOTHING;
    DELETE FROM governance_open AS o USING added AS a
    WHERE o.item_id = a.item_id AND a.outcome IS NOT NULL;
    RETURN NULL;
END $body$;
CREATE FUNCTION governance_item_gone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $body$
BEGIN
    DELETE FROM governance_open AS o USING gone AS g WHERE o.item_id = g.item_id;
    RETURN NULL;
END $body$;
CREATE TRIGGER governance_item_written AFTER INSERT ON governance_item
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION governance_item_written();
CREATE TRIGGER governance_item_gone AFTER DELETE ON governance_item
    REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION governance_item_gone();
"""
_QUEUE_SO_FAR = """
INSERT INTO governance_open (item_id, kind, raised_by, known_at, due_at)
SELECT i.item_id, i.kind, i.raised_by, i.known_at, i.due_at FROM governance_item AS i
WHERE i.state = 1 AND NOT EXISTS (
    SELECT FROM governance_item AS later
    WHERE later.item_id = i.item_id AND later.outcome IS NOT NULL);
"""
# What was known by a moment that the connection names. Whoever reads needs the tables' own rights.
# A later migration that changes one of these tables makes its view anew: a test compares them.
_VIEWS = {
    "sharing_decision": "recorded_at",
    "data_sharing_agreement": "adopted_at",
    "relationship": "known_at",
    "membership": "known_at",
    "safeguarding_lead": "known_at",
    "cover_rota": "known_at",
    "restriction": "known_at",
    "exclusion": "known_at",
    "person_join": "said_at",
}
_VIEW = """
CREATE VIEW past.{table} WITH (security_invoker = true) AS SELECT * FROM public.{table}
    WHERE {column} <= CAST(current_setting('tell_once.known_by') AS timestamptz)
"""
_GRANTS = """
GRANT USAGE ON SCHEMA past TO tell_once_app;
GRANT SELECT ON ALL TABLES IN SCHEMA past TO tell_once_app;
GRANT SELECT ON unusual_standing, unusual_count, governance_open TO tell_once_app;
"""
_INDEXES_BEFORE = """
CREATE INDEX unusual_hit_to_look_at ON unusual_hit (due_at, hit_id) WHERE explained_by IS NULL;
CREATE INDEX governance_item_due ON governance_item (kind, due_at, item_id) WHERE state = 1;
"""
_FUNCTIONS = (
    *("unusual_hit_counted", "unusual_state_stands"),
    *("governance_item_written", "governance_item_gone"),
)


def upgrade() -> None:
    """Make the tables, fill them from what is there, and let them follow from now on."""
    for step in (_HITS, _HITS_SO_FAR, _FOLLOWS_HITS, _QUEUE, _QUEUE_SO_FAR, _FOLLOWS_QUEUE):
        op.execute(step)
    for function in _FUNCTIONS:
        op.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
    op.execute("CREATE SCHEMA past")
    for table, column in _VIEWS.items():
        op.execute(_VIEW.format(table=table, column=column))
    op.execute(_GRANTS)


def downgrade() -> None:
    """Remove them: what they are made from stays."""
    op.execute("DROP SCHEMA past CASCADE")
    for trigger, table in (
        ("unusual_hit_counted", "unusual_hit"),
        ("unusual_state_stands", "unusual_state"),
        ("governance_item_written", "governance_item"),
        ("governance_item_gone", "governance_item"),
    ):
        op.execute(f"DROP TRIGGER {trigger} ON {table}")
        op.execute(f"DROP FUNCTION {trigger}")
    op.execute("DROP TABLE governance_open, unusual_count, unusual_standing")
    op.execute(_INDEXES_BEFORE)
