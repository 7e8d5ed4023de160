"""`bench audit`: how long auditors' questions, and the pages that answer them, take beside so many.

A year of invented entries goes in by COPY, each made as the service makes its own, and the relay's
own code indexes it. Then four clients ask, each question entered and committed, while new entries
get their place and are indexed every half a second, as where the service runs.
"""

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from statistics import quantiles
from threading import Event, Thread
from typing import Any

import psycopg
from sqlalchemy import Connection, Engine, text

from consent.ledger import LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from deploy.bench.audit_pages import measure_pages
from deploy.bench.copied_families import add_families, id_in
from deploy.bench.figures import Figure, figure
from deploy.bench.one_family import VISITOR, make_family
from deploy.bench.world import bench_folder
from schemas.identifiers import DecisionId, PersonId
from schemas.uk_time import uk_day
from schemas.vocabulary import Purpose
from services.audit.asked import Auditor
from services.audit.decisions.marks import DecisionMark
from services.audit.decisions.postgres_lives import life_of
from services.audit.decisions.postgres_marks import MarkedDecisions
from services.audit.explain.postgres_could_see import could_see
from services.audit.explain.postgres_explaining import explain
from services.audit.figures.postgres_timings import timings_in
from services.audit.index.entries import Group
from services.audit.index.postgres_catching_up import catch_up, count_up
from services.audit.postgres_answers import AccessAsked, Auditing
from services.audit.reviews.waiting import reviews_waiting
from services.bootstrap import Application, DatabaseRole
from services.cli.output import print_document, progress_bar, settings_from
from services.platform.settings import Settings
from services.profile.reading import read_profile
from services.profile.viewing import reading_order
from services.work import Outside, unit_of_work
from services.work.postgres_past import looking_back

_CLIENTS = 4
_ENTRIES_A_FAMILY = 100
_WORKERS = 2_000
_LOT = 50_000
_SEED = 20261130
_YEAR = timedelta(days=365)
_EVERY = 0.5
_REAL_LOOKS = 40
_ITEMS, _OPEN_ITEMS = 20_000, 300
_MARKED_FAMILIES = range(2, 302)
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
_ITEMS_IN = text("""
    INSERT INTO governance_item (item_id, state, kind, about, raised_by, due_at, outcome, known_at)
    SELECT 'item-' || n, state,
           (ARRAY['emergency', 'unconfirmed-presence', 'duty-over-refusal'])[1 + n % 3],
           'about-' || n, 'practitioner:' || lpad(to_hex(n % 2000), 32, '0'),
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
_ANALYZE = "VACUUM (ANALYZE) ledger_entry, ledger_leaf, audit_entry, audit_named, governance_item"

# Of how many each is; the rest are looks.
_OFTEN = {
    LedgerEvent.PUBLICATION_PERMITTED: 0.3,
    LedgerEvent.SEARCH_MADE: 0.05,
    LedgerEvent.PROFILE_READ_REFUSED: 0.04,
    LedgerEvent.SHARING_DECISION_WITHDRAWN: 0.001,
    LedgerEvent.PROFILE_PURGED: 0.001,
    LedgerEvent.GOVERNANCE_CLOSE_REFUSED: 0.02,
}
Ask = Callable[[Auditing, random.Random], object]
_OFFICER = Auditor("operator:bench")


def add_bench_arguments(parser: argparse.ArgumentParser) -> None:
    """`bench audit` takes these."""
    parser.add_argument("--entries", type=int, default=1_000_000, help="in the ledger")
    parser.add_argument("--asked", type=int, default=200, help="how often each question is asked")
    parser.set_defaults(run_command=run_bench_audit)


def run_bench_audit(args: argparse.Namespace) -> int:
    """Measure, and print the document of DESIGN.md section 15."""
    document = bench_audit(settings_from(args), entries=args.entries, asked=args.asked)
    lines = [f"audit: {document['conditions']}"]
    lines += [f"  {name}: {f['value']:,} {f['unit']}" for name, f in document["figures"].items()]
    print_document(args, document, plain="\n".join(lines))
    return 0


def bench_audit(settings: Settings, *, entries: int, asked: int) -> dict[str, Any]:
    """Fill a folder of its own, ask each question so often; gives the document."""
    with bench_folder(settings) as (application, _):
        owner = application.outside(DatabaseRole.OWNER)
        family = make_family(owner)
        child, decision = PersonId(family.ids[0]), DecisionId(family.ids[len(family.persons)])
        looks = [_look(application, child) for _ in range(_REAL_LOOKS)]
        add_families(owner, family, _MARKED_FAMILIES, tell=lambda _: None)
        marked = [id_in(number, len(family.persons)) for number in _MARKED_FAMILIES]
        figures = _filled(owner, entries, marked)
        wanted = _questions(max(1, entries // _ENTRIES_A_FAMILY), child, decision, looks)
        with _kept_up(owner.engine):
            for name, ask in wanted.items():
                figures |= _measured(name, ask, application, asked)
            figures |= measure_pages(application, child, looks)
    return {
        "name": "audit",
        "conditions": {
            "entries": entries,
            "families": entries // _ENTRIES_A_FAMILY,
            "clients": f"{_CLIENTS} threads of one process; each answer committed before it counts",
            "asked": asked,
            "cpus": os.cpu_count(),
        },
        "figures": figures,
        "baselines": {},
        "ratios": {},
    }


def _look(application: Application, child: PersonId) -> str:
    """A real look, to be explained; gives its disclosure's entry."""
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        who = work.directory.practitioner(VISITOR)
        if who is None:
            raise ValueError("the visitor is not in the directory")
        read_profile(reading_order(who, child, Purpose.DIRECT_CARE), reading=work.reading())
        found = work.connection.execute(
            text("SELECT entry_id FROM ledger_entry ORDER BY seq DESC LIMIT 1")
        )
        return str(found.scalar_one())


# A year of entries.


def _filled(owner: Outside, entries: int, decisions: Sequence[str]) -> dict[str, Figure]:
    with progress_bar("Filling the ledger", total=entries) as tell:
        for first in range(0, entries, _LOT):
            _copied(
                owner.engine, _lot(first, min(_LOT, entries - first), entries, owner.clock.now())
            )
            tell(first)
    started, cpu = time.perf_counter(), time.process_time()
    with progress_bar("Indexing", total=entries) as tell:
        taken = catch_up(owner.engine, tell=tell)
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    count_up(owner.engine, now=owner.clock.now())
    with owner.engine.begin() as connection:
        connection.execute(_ITEMS_IN, {"items": _ITEMS, "open": _OPEN_ITEMS})
        connection.execute(_MARKS_IN, {"decisions": decisions})
        size = float(connection.execute(_SIZE).scalar_one())
    with owner.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").exec_driver_sql(_ANALYZE)
    return {
        "indexing": figure(wall / taken * 1e6, "µs/entry"),
        "indexing_client_cpu": figure(cpu / taken * 1e6, "µs/entry"),
        "index_size": figure(size / taken, "bytes/entry"),
    }


def _copied(engine: Engine, entries: Sequence[LedgerEntry]) -> None:
    with engine.begin() as connection:
        driver: psycopg.Connection[Any] = connection.connection.driver_connection  # type: ignore[assignment] # psycopg's own
        with driver.cursor().copy(_COPY) as copy:
            copy.set_types(["uuid", "bytea"])
            for entry in entries:
                copy.write_row((entry.entry_id, entry.body))
        _give_places(connection)


def _give_places(connection: Connection) -> None:
    """Leaves without the tree above them: nothing here is proved."""
    connection.execute(_LEAVES)
    connection.execute(_HORIZON)


def _lot(first: int, number: int, entries: int, now: datetime) -> list[LedgerEntry]:
    made = random.Random(_SEED + first)
    begin, step = now - _YEAR, _YEAR / entries
    families = max(1, entries // _ENTRIES_A_FAMILY)
    return [_entry(made, families, begin + step * (first + n)) for n in range(number)]


def _person(family: int, place: int) -> str:
    return sha256(b"%d-%d" % (family, place)).hexdigest()[:32]


def _entry(made: random.Random, families: int, at: datetime) -> LedgerEntry:
    """One of a year's, as often as each happens."""
    family, chance = made.randrange(families), made.random()
    actor = f"practitioner:{made.randrange(_WORKERS):032x}"
    subjects = [_person(family, place) for place in range(3)]
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


# What is asked, by four at once.


def _questions(
    families: int, child: PersonId, decision: DecisionId, looks: Sequence[str]
) -> dict[str, Ask]:
    def somebody(r: random.Random) -> PersonId:
        return PersonId(_person(r.randrange(families), 0))

    def access(a: Auditing, groups: frozenset[Group], **more: Any) -> object:
        now = a.work.now
        return a.accesses(AccessAsked(now - timedelta(days=28), now, groups, **more))

    def explained(a: Auditing, r: random.Random) -> object:
        with looking_back(a.work.outside) as past:
            return explain(r.choice(looks), a, past)

    def day(a: Auditing, _: random.Random) -> object:
        with looking_back(a.work.outside) as past:
            return could_see(VISITOR, [child], uk_day(a.work.now), a, past)

    shown = frozenset({Group.LOOKS, Group.REFUSALS})
    return {
        "looks": lambda a, r: a.who_looked([somebody(r)], a.work.now - _YEAR, a.work.now),
        "access": lambda a, _: access(a, shown),
        "access of a worker": lambda a, r: access(
            a, shown, actor=f"practitioner:{r.randrange(_WORKERS):032x}"
        ),
        "access of a family": lambda a, r: access(a, shown, subjects=(somebody(r),)),
        "refusals": lambda a, _: a.refusals(a.work.now - timedelta(days=7), a.work.now),
        "reviews": lambda a, _: reviews_waiting(a),
        "decisions without a notice": lambda a, _: MarkedDecisions(a).of(DecisionMark.NO_NOTICE),
        "decisions near their end": lambda a, _: MarkedDecisions(a).of(DecisionMark.ENDS),
        "one decision": lambda a, _: life_of(decision, a),
        "timings": lambda a, _: timings_in(a.work.now - timedelta(days=28), a.work.now, a),
        "could see": day,
        "explain": explained,
    }


def _measured(name: str, ask: Ask, application: Application, asked: int) -> dict[str, Figure]:
    outside = application.outside(DatabaseRole.PORTAL)

    def client(number: int) -> list[float]:
        times, chooses = [], random.Random(_SEED + number)
        for _ in range(max(2, asked // _CLIENTS)):
            started = time.perf_counter()
            with unit_of_work(outside) as work:
                ask(Auditing(work, _OFFICER), chooses)
            times.append((time.perf_counter() - started) * 1e3)
        return times[1:]

    with ThreadPoolExecutor(max_workers=_CLIENTS) as pool:
        times = [each for found in pool.map(client, range(_CLIENTS)) for each in found]
    percentiles = quantiles(times, n=100, method="inclusive")
    return {
        f"{name} p50": figure(percentiles[49], "ms"),
        f"{name} p99": figure(percentiles[98], "ms"),
    }


@contextmanager
def _kept_up(engine: Engine) -> Iterator[None]:
    """New entries get their place and are indexed every half a second, as by the relay.

    It also goes on while the program serves pages: its relay signs nothing over a ledger without a
    tree, and where entries have no place each question looks through all of them.
    """
    stopping = Event()

    def keep() -> None:
        while not stopping.wait(_EVERY):
            with engine.begin() as connection:
                _give_places(connection)
            catch_up(engine)

    thread = Thread(target=keep, name="keeping up")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
