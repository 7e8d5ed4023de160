"""What lists are read from says what the rows say that stay; also after a migration."""

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from services.people.governance.postgres import PostgresQueue
from services.people.governance.queue import Item, ItemKind
from services.platform.database.engine import open_engine
from services.platform.database.migrating import migrate
from services.work import Outside, unit_of_work
from services.work.postgres_past import HISTORIES
from tests.integration.platform.test_migrations import SCRIPTS

pytestmark = pytest.mark.postgres
AT = datetime(2026, 11, 2, 12, tzinfo=UTC)

# Hits in lots as a sweep keeps them, and what reviewers said, one state after the other.
_HITS = text("""
    INSERT INTO unusual_hit (hit_id, rule, rule_version, practitioner_id, person_id, day, at, place,
                             acts, explained_by, raised_at, due_at)
    SELECT 'hit-' || n, (ARRAY['odd-hours', 'volume'])[1 + n % 2], 'v' || n % 3, 'w', 'p',
        CAST(:at AS date) - n % 5, :at, n, 1, CASE WHEN n % 4 = 0 THEN 'case-load' END, :at,
        CAST(:at AS timestamptz) + interval '10 days'
    FROM generate_series(CAST(:first AS integer), CAST(:first AS integer) + 39) AS n
""")
_STATES = text("""
    INSERT INTO unusual_state (hit_id, state, standing, said_by, said_at)
    SELECT 'hit-' || n, :state, CASE :state WHEN 1 THEN 'new' WHEN 2 THEN 'looking'
        ELSE (ARRAY['justified', 'breach'])[1 + n / 3 % 2] END, 'r', :at
    FROM generate_series(CAST(:first AS integer), CAST(:first AS integer) + 39) AS n
    WHERE n % 4 <> 0 AND (:state = 1 OR n % 3 = 0)
""")
_ITEMS = text("""
    INSERT INTO governance_item (item_id, state, kind, about, raised_by, due_at, outcome, known_at)
    SELECT 'item-' || n, state, 'emergency', 'a', 'practitioner:w', :at,
        CASE state WHEN 2 THEN 'justified' END, :at
    FROM generate_series(CAST(:first AS integer), CAST(:first AS integer) + 9) AS n
        CROSS JOIN generate_series(1, 2) AS state
    WHERE state = 1 OR n % 3 = 0
""")
_STANDING_AS_SAID = """
    SELECT DISTINCT ON (s.hit_id) s.hit_id, h.rule, h.day, h.due_at, h.raised_at, s.state,
        s.standing
    FROM unusual_state AS s JOIN unusual_hit AS h USING (hit_id) ORDER BY s.hit_id, s.state DESC
"""
_COUNTS_AS_SAID = f"""
    SELECT h.rule, h.day, h.rule_version, coalesce(h.explained_by, ''), coalesce(s.standing, ''),
        count(*), max(h.place)
    FROM unusual_hit AS h LEFT JOIN ({_STANDING_AS_SAID}) AS s USING (hit_id)
    GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 of constant parts
_OPEN_AS_SAID = """
    SELECT item_id, kind, raised_by, known_at, due_at FROM governance_item AS i
    WHERE state = 1 AND NOT EXISTS (SELECT FROM governance_item AS later
        WHERE later.item_id = i.item_id AND later.outcome IS NOT NULL)
"""
_KEPT = {
    "SELECT hit_id, rule, day, due_at, raised_at, state, standing FROM unusual_standing": (
        _STANDING_AS_SAID
    ),
    # The place of the newest may be of one that stands elsewhere by now: so it is left out.
    "SELECT rule, day, rule_version, explained_by, standing, times FROM unusual_count "
    "WHERE times <> 0": (
        f"SELECT a, b, c, d, e, f FROM ({_COUNTS_AS_SAID}) AS x (a,b,c,d,e,f,g)"  # noqa: S608
    ),
    "SELECT item_id, kind, raised_by, known_at, due_at FROM governance_open": _OPEN_AS_SAID,
}


def _fill(connection: Connection, first: int) -> None:
    connection.execute(_HITS, {"at": AT, "first": first})
    for state in (1, 2, 3):
        connection.execute(_STATES, {"at": AT, "first": first, "state": state})
    connection.execute(_ITEMS, {"at": AT, "first": first})


def _require_as_said(connection: Connection) -> None:
    for kept, said in _KEPT.items():
        rows = sorted(map(tuple, connection.execute(text(kept))))
        assert rows == sorted(map(tuple, connection.execute(text(said)))), kept
        assert rows, kept


def test_where_everything_stands_follows_each_state_in_its_transaction(engine: Engine) -> None:
    """Hits, how often each rule is where, and what is open of the queue."""
    with engine.begin() as connection:
        _fill(connection, 0)
        _fill(connection, 100)
        _require_as_said(connection)


def test_a_data_folder_of_before_stands_as_it_stood(fresh_database: str) -> None:
    """Also after going back a version and on again."""
    engine = open_engine(fresh_database)
    try:
        migrate(engine, "0050_integrity_and_figures")
        with engine.begin() as connection:
            _fill(connection, 0)
        migrate(engine)
        with engine.begin() as connection:
            _require_as_said(connection)
            _fill(connection, 100)
            _require_as_said(connection)
            config = Config()
            config.set_main_option("script_location", str(SCRIPTS))
            config.attributes["connection"] = connection
            command.downgrade(config, "0050_integrity_and_figures")
        migrate(engine)
        with engine.begin() as connection:
            _require_as_said(connection)
    finally:
        engine.dispose()


def test_an_erasure_takes_what_is_open_with_whom_it_is_about(outside: Outside) -> None:
    """A list names nobody who is gone."""
    item = Item("i", ItemKind.EMERGENCY, None, "about", "practitioner:w", AT + timedelta(days=1))
    with unit_of_work(outside) as work:
        PostgresQueue(work.connection).add(item, at=AT)
        before = PostgresQueue(work.connection).waiting(most=5)

        work.connection.execute(text("DELETE FROM governance_item WHERE item_id = 'i'"))

        assert [one.id for one in before] == ["i"]
        assert PostgresQueue(work.connection).waiting(most=5) == []
        assert work.connection.execute(text("SELECT count(*) FROM governance_open")).scalar() == 0


def test_views_of_the_past_have_every_column_of_what_they_are_of(engine: Engine) -> None:
    """A table that gains one is read with it also as it was: its migration makes the view anew."""
    columns = text("""
        SELECT table_schema, table_name, array_agg(column_name || ' ' || data_type
                                                   ORDER BY ordinal_position)
        FROM information_schema.columns WHERE table_schema IN ('past', 'public') GROUP BY 1, 2
    """)
    with engine.connect() as connection:
        found = {(row[0], row[1]): row[2] for row in connection.execute(columns)}

    views = {name for schema, name in found if schema == "past"}
    assert views == set(HISTORIES)
    for name in views:
        assert found["past", name] == found["public", name], name
