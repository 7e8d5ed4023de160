"""A year of entries for `bench audit`: most made by the database itself, the last by the service.

Every entry has a body that the service reads as its own, and what the relay, the sweep and
reviewers derive is derived from the bodies. The last lot goes in by COPY and is indexed by the
relay's own code, which is timed.
"""

import random
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, text

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from deploy.bench.figures import Figure, figure
from schemas.uk_time import uk_day
from services.audit.index.postgres_catching_up import catch_up, count_up
from services.cli.output import progress_bar
from services.work import Outside

ENTRIES_A_FAMILY = 100
WORKERS = 2_000
SEED = 20261130
YEAR = timedelta(days=365)
_LOT, _BY_THE_SERVICE = 100_000, 20_000
_ITEMS, _OPEN_ITEMS = 20_000, 300
_COPY = "COPY ledger_entry (entry_id, body) FROM STDIN (FORMAT binary)"
_LEAVES = text("""
    WITH fresh AS (
        SELECT seq, body, row_number() OVER (ORDER BY seq) AS place FROM ledger_entry
        WHERE seq > (SELECT coalesce(max(entry_seq), 0) FROM ledger_leaf))
    INSERT INTO ledger_leaf (idx, entry_seq, leaf_hash)
    SELECT (SELECT coalesce(max(idx) + 1, 0) FROM ledger_leaf) + place - 1, seq,
           sha256(decode('00', 'hex') || body)
    FROM fresh
""")
_HORIZON = text("""
    UPDATE ledger_integration SET horizon = pg_snapshot_xmin(pg_current_snapshot())
""")
# Drawn by a hash of their number: each is the same in every run. Each day from 8 to 18 o'clock.
_ENTRIES = text("""
    WITH spread AS (
        SELECT n, CAST(:begin AS timestamptz) + n * CAST(:step AS interval) AS at
        FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n
    ), drawn AS (
        SELECT n, date_trunc('day', at) + interval '8 hours'
                + (at - date_trunc('day', at)) * (10.0 / 24) AS at,
            (hashint8extended(n, 1) & 16777215) / 16777216.0 AS chance,
            (hashint8extended(n, 2) & 1073741823) % :families AS family,
            'practitioner:' || lpad(to_hex((hashint8extended(n, 3) & 1073741823) % :workers), 32,
                                    '0') AS actor,
            md5(n || ' a') AS one, md5(n || ' b') AS two
        FROM spread
    ), told AS (
        SELECT *, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS moment,
            lpad(to_hex(CAST(floor(extract(epoch FROM at) * 1000) AS bigint)), 12, '0') AS began,
            left(encode(sha256(convert_to('decision ' || family, 'UTF8')), 'hex'), 32) AS decision,
            ARRAY(SELECT left(encode(sha256(convert_to(family || '-' || place, 'UTF8')), 'hex'), 32)
                  FROM generate_series(0, 2) AS place) AS who
        FROM drawn
    ), named AS (
        SELECT *, left(began, 8) || '-' || right(began, 4) || '-7' || left(one, 3) || '-a'
            || substr(one, 4, 3) || '-' || substr(one, 7, 12) AS entry_id,
            '["' || array_to_string(who, '","') || '"]' AS subjects
        FROM told
    )
    INSERT INTO ledger_entry (entry_id, body)
    SELECT CAST(entry_id AS uuid), convert_to(
        '{"actor":"' || actor || '","at":"' || moment || '","entry_id":"' || entry_id || CASE
        WHEN chance < 0.3 THEN '","event":"publication:permitted","fields":{"categories":'
            '["child-health"],"decided_from":["' || decision || '"],"event_id":"' || decision
            || '","message":"' || one || two || '","policy_version":"bench","reasons":["consent"],'
            '"source":"health-visiting","subjects":["' || who[1] || '"],"withheld_categories":[]}'
        WHEN chance < 0.35 THEN '","event":"search:made","fields":{"results"\\:1,"search":"'
            || decision || '"}'
        WHEN chance < 0.39 THEN '","event":"profile:read_refused","fields":{"policy_version":'
            '"bench","purpose":"direct-care","reasons":["no-relationship"],"subjects":["'
            || who[1] || '"]}'
        WHEN chance < 0.391 THEN '","event":"sharing-decision:withdrawn","fields":{"decision":"'
            || decision || '","subjects":' || subjects || '}'
        WHEN chance < 0.392 THEN '","event":"profile:purged","fields":{"decision":"' || decision
            || '","records"\\:3,"subjects":' || subjects || '}'
        WHEN chance < 0.412 THEN '","event":"governance-item:close_refused","fields":{"item":[]}'
        ELSE '","event":"profile:read","fields":{"categories":["child-health","education",'
            '"identity-and-contact"],"decided_from":["' || decision || '"],"disclosure":"'
            || two || '","policy_version":"bench","purpose":"direct-care","subjects":' || subjects
            || ',"withheld_categories":' || CASE WHEN n % 3 = 0 THEN '["story"]' ELSE '[]' END
            || '}' END || ',"v"\\:1}', 'UTF8')
    FROM named ORDER BY n
""")
_BODIES_OF_LOT = """
    told AS MATERIALIZED (
        SELECT e.seq, l.idx, convert_from(e.body, 'UTF8')::jsonb AS told
        FROM ledger_leaf AS l JOIN ledger_entry AS e ON e.seq = l.entry_seq
        WHERE l.idx >= (SELECT size FROM audit_indexed)
            AND position(convert_to('"publication:permitted"', 'UTF8') IN e.body) = 0
    ), rows AS MATERIALIZED (
        SELECT seq, idx, told ->> 'event' AS event, told ->> 'actor' AS actor,
            CAST(told ->> 'at' AS timestamptz) AS at, told -> 'fields' AS fields,
            CASE told ->> 'event' WHEN 'profile:read_refused' THEN 'no-relationship'
                WHEN 'governance-item:close_refused' THEN 'not-told' END AS because
        FROM told
    )
"""
_INDEX = text(f"""
    WITH {_BODIES_OF_LOT}, entries AS (
        INSERT INTO audit_entry (seq, event, actor, at, because)
        SELECT seq, event, actor, at, because FROM rows
    )
    INSERT INTO audit_named (named, at, seq, event)
    SELECT subject, at, seq, event
    FROM rows CROSS JOIN LATERAL jsonb_array_elements_text(fields -> 'subjects') AS subject
    WHERE fields ? 'subjects'
    UNION ALL
    SELECT 'decision:' || (fields ->> 'decision'), at, seq, event FROM rows
    WHERE fields ? 'decision'
""")  # noqa: S608 of constant parts
# One look of two hundred asks, ten times as many explain themselves; what was asked until a month
# ago is answered. What rules look back to is as long as they do.
_SWEPT_LOT = text(f"""
    WITH {_BODIES_OF_LOT}, looks AS MATERIALIZED (
        SELECT seq, idx, at, substr(actor, 14) AS by, fields #>> '{{subjects,0}}' AS person,
            ARRAY(SELECT jsonb_array_elements_text(fields -> 'subjects')) AS persons,
            hashint8extended(seq, 4) & 1023 AS lot
        FROM rows WHERE event = 'profile:read'
    ), acts AS (
        INSERT INTO unusual_act (place, at, day, kind, practitioner_id, person_id, persons)
        SELECT idx, at, CAST(at AS date), 'look', by, person, persons FROM looks
        WHERE at > now() - interval '200 days'
    ), hits AS (
        INSERT INTO unusual_hit (hit_id, rule, rule_version, practitioner_id, person_id, day, at,
            place, acts, explained_by, raised_at, due_at)
        SELECT md5(seq || ' hit'),
            (ARRAY['no-later-work', 'same-place', 'volume', 'odd-hours'])[1 + seq % 4], 'bench', by,
            person, CAST(at AS date), at, idx, 1, CASE WHEN lot >= 5 THEN 'case-load' END,
            at + interval '15 days', at + interval '25 days'
        FROM looks WHERE lot < 51
        RETURNING hit_id, explained_by, raised_at, place
    )
    INSERT INTO unusual_state (hit_id, state, standing, said_by, said_at)
    SELECT hit_id, state, CASE state WHEN 1 THEN 'new' WHEN 2 THEN 'looking' ELSE
            (ARRAY['justified', 'training', 'not-real'])[1 + place % 3] END,
        'operator:bench', raised_at + state * interval '1 hour'
    FROM hits CROSS JOIN generate_series(1, 3) AS state
    WHERE explained_by IS NULL AND (state = 1 OR raised_at < now() - interval '30 days')
""")  # noqa: S608 as above
_TAKEN = text("UPDATE audit_indexed SET size = (SELECT max(idx) + 1 FROM ledger_leaf)")
_SWEPT = text("""
    UPDATE unusual_sweep SET next_place = (SELECT max(idx) + 1 FROM ledger_leaf),
        judged_until = CAST(:day AS date)
""")
_ITEMS_IN = text("""
    INSERT INTO governance_item (item_id, state, kind, about, raised_by, due_at, outcome, known_at)
    SELECT md5('item ' || n), state,
           (ARRAY['emergency', 'unconfirmed-presence', 'duty-over-refusal'])[1 + n % 3],
           md5('about ' || n), 'practitioner:' || lpad(to_hex(n % 2000), 32, '0'),
           now() - n * interval '20 minutes', CASE state WHEN 2 THEN 'justified' END,
           now() - n * interval '20 minutes' - interval '2 days'
    FROM generate_series(1, :items) AS n, generate_series(1, 2) AS state
    WHERE state = 1 OR n > :open
""")
_MARKS_IN = text("""
    INSERT INTO audit_decision (mark, at, decision_id, until)
    SELECT 'no-notice', now() - interval '1 day' - n * interval '1 minute', decision, NULL
    FROM unnest(CAST(:decisions AS text[])) WITH ORDINALITY AS marked (decision, n)
""")
_SIZE = text("""
    SELECT sum(pg_total_relation_size(CAST(name AS regclass)))
    FROM unnest(ARRAY['audit_entry', 'audit_named', 'audit_decision']) AS name
""")
_ANALYZE = (
    "VACUUM (ANALYZE) ledger_entry, ledger_leaf, audit_entry, audit_named, governance_item, "
    "governance_open, unusual_hit, unusual_state, unusual_standing, unusual_count, unusual_act"
)
# For so many at once: made anew once all is there, as migrations make them.
_WITHOUT = (
    "ALTER TABLE audit_named DROP CONSTRAINT audit_named_pkey",
    "DROP INDEX audit_entry_event, audit_entry_actor, unusual_act_persons",
)
_WITH = (
    "SET LOCAL maintenance_work_mem = '1GB'",
    "SET LOCAL statement_timeout = 0",
    "ALTER TABLE audit_named ADD PRIMARY KEY (named, at, seq)",
    "CREATE INDEX audit_entry_event ON audit_entry (event, at, seq) INCLUDE (because)",
    "CREATE INDEX audit_entry_actor ON audit_entry (actor, at, seq)",
    "CREATE INDEX unusual_act_persons ON unusual_act USING gin (persons)",
)

# Of how many each is; the rest are looks.
_OFTEN = {
    LedgerEvent.PUBLICATION_PERMITTED: 0.3,
    LedgerEvent.SEARCH_MADE: 0.05,
    LedgerEvent.PROFILE_READ_REFUSED: 0.04,
    LedgerEvent.SHARING_DECISION_WITHDRAWN: 0.001,
    LedgerEvent.PROFILE_PURGED: 0.001,
    LedgerEvent.GOVERNANCE_CLOSE_REFUSED: 0.02,
}


def fill(
    owner: Outside, entries: int, decisions: Sequence[str], *, by_service: int = _BY_THE_SERVICE
) -> dict[str, Figure]:
    """Make so many entries and what follows from them, marks on these decisions, and a queue.

    Gives what taking in the last of them costs.
    """
    engine, now = owner.engine, owner.clock.now()
    last = min(by_service, entries)
    with progress_bar("Filling the ledger", total=entries) as tell:
        _fill_by_database(engine, entries, entries - last, now, tell)
        _copied(engine, _by_service(entries - last, last, entries, now))
        tell(entries)
    figures = _taken_in(engine)
    with progress_bar("Counting", total=entries) as tell:
        done = 0
        while step := count_up(engine, now=now, batches=1):
            done += step
            tell(done)
    with engine.begin() as connection:
        connection.execute(_ITEMS_IN, {"items": _ITEMS, "open": _OPEN_ITEMS})
        connection.execute(_MARKS_IN, {"decisions": decisions})
        connection.execute(_SWEPT, {"day": uk_day(now - timedelta(days=1))})
        size = float(connection.execute(_SIZE).scalar_one())
    with engine.connect() as connection:
        own = connection.execution_options(isolation_level="AUTOCOMMIT")
        own.exec_driver_sql("SET statement_timeout = 0")
        own.exec_driver_sql(_ANALYZE)
        own.exec_driver_sql("RESET statement_timeout")
    return {**figures, "index_size": figure(size / entries, "bytes/entry")}


def _fill_by_database(
    engine: Engine, entries: int, number: int, now: datetime, tell: Callable[[int], None]
) -> None:
    drawn = {
        "begin": now - YEAR,
        "step": YEAR / entries,
        "families": max(1, entries // ENTRIES_A_FAMILY),
        "workers": WORKERS,
    }
    with engine.begin() as connection:
        # What was there before is taken in by the service.
        give_places(connection)
    catch_up(engine)
    with engine.begin() as connection:
        for statement in _WITHOUT:
            connection.exec_driver_sql(statement)
    for first in range(0, number, _LOT):
        lot = {"first": first, "last": min(first + _LOT, number) - 1}
        with engine.begin() as connection:
            connection.execute(_ENTRIES, drawn | lot)
            give_places(connection)
            connection.execute(_INDEX)
            connection.execute(_SWEPT_LOT)
            connection.execute(_TAKEN)
        tell(first)
    with engine.begin() as connection:
        for statement in _WITH:
            connection.exec_driver_sql(statement)


def _taken_in(engine: Engine) -> dict[str, Figure]:
    """What taking in the rest costs, by the relay's own code."""
    started, cpu = time.perf_counter(), time.process_time()
    taken = catch_up(engine)
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    return {
        "indexing": figure(wall / taken * 1e6, "µs/entry"),
        "indexing_client_cpu": figure(cpu / taken * 1e6, "µs/entry"),
    }


def _copied(engine: Engine, entries: Sequence[LedgerEntry]) -> None:
    with engine.begin() as connection:
        driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment] # psycopg's own
        with driver.cursor().copy(_COPY) as copy:
            copy.set_types(["uuid", "bytea"])
            for entry in entries:
                copy.write_row((entry.entry_id, entry.body))
        give_places(connection)


def give_places(connection: Connection) -> None:
    """Leaves without the tree above them: nothing here is proved."""
    connection.execute(_LEAVES)
    connection.execute(_HORIZON)


def _by_service(first: int, number: int, entries: int, now: datetime) -> list[LedgerEntry]:
    made = random.Random(SEED + first)
    begin, step = now - YEAR, YEAR / entries
    families = max(1, entries // ENTRIES_A_FAMILY)
    return [_entry(made, families, begin + step * (first + n)) for n in range(number)]


def person_of(family: int, place: int) -> str:
    """Who is at a place of a family."""
    return sha256(b"%d-%d" % (family, place)).hexdigest()[:32]


def _entry(made: random.Random, families: int, at: datetime) -> LedgerEntry:
    """One of a year's, as often as each happens."""
    family, chance = made.randrange(families), made.random()
    actor = f"practitioner:{made.randrange(WORKERS):032x}"
    subjects = [person_of(family, place) for place in range(3)]
    decision = sha256(b"decision %d" % family).hexdigest()[:32]
    for event, share in _OFTEN.items():
        if chance < share:
            fields = _fields(event, subjects, decision, made)
            return ledger_entry(event, fields, at=at, actor=actor)
        chance -= share
    fields = _fields(LedgerEvent.PROFILE_READ, subjects, decision, made)
    return ledger_entry(LedgerEvent.PROFILE_READ, fields, at=at, actor=actor)


def _fields(
    event: LedgerEvent, subjects: list[str], decision: str, made: random.Random
) -> dict[str, Any]:
    of_read = {"purpose": "direct-care", "policy_version": "bench", "subjects": subjects}
    match event:
        case LedgerEvent.PUBLICATION_PERMITTED:
            return _published(subjects, decision, made)
        case LedgerEvent.SEARCH_MADE:
            return {"search": decision, "results": 1}
        case LedgerEvent.PROFILE_READ_REFUSED:
            return of_read | {"subjects": subjects[:1], "reasons": ["no-relationship"]}
        case LedgerEvent.SHARING_DECISION_WITHDRAWN | LedgerEvent.PROFILE_PURGED:
            records = {"records": 3} if event is LedgerEvent.PROFILE_PURGED else {}
            return {"decision": decision, "subjects": subjects, **records}
        case LedgerEvent.GOVERNANCE_CLOSE_REFUSED:
            return {"item": []}
        case _:
            return of_read | {
                "disclosure": f"{made.getrandbits(128):032x}",
                "categories": ["child-health", "education", "identity-and-contact"],
                "withheld_categories": made.choice([[], [], ["story"]]),
                "decided_from": [decision],
            }


def _published(subjects: list[str], decision: str, made: random.Random) -> dict[str, Any]:
    return {
        "source": "health-visiting",
        "message": f"{made.getrandbits(256):064x}",
        "event_id": decision,
        "subjects": subjects[:1],
        "categories": ["child-health"],
        "withheld_categories": [],
        "reasons": ["consent"],
        "policy_version": "bench",
        "decided_from": [decision],
    }
