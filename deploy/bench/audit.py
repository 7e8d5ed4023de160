"""`bench audit`: how long auditors' questions, and the pages that answer them, take beside so many.

Beside a year of invented entries four clients ask, each question entered and committed, while new
entries get their place and are indexed every half a second, as where the service runs.
"""

import argparse
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from statistics import quantiles
from threading import Event, Thread
from typing import Any

from sqlalchemy import Engine, text

from deploy.bench.audit_ledger import (
    ENTRIES_A_FAMILY,
    SEED,
    WORKERS,
    YEAR,
    fill,
    give_places,
    person_of,
)
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
from services.audit.index.postgres_catching_up import catch_up
from services.audit.postgres_answers import AccessAsked, Auditing
from services.audit.reviews.waiting import reviews_waiting
from services.bootstrap import Application, DatabaseRole
from services.cli.output import print_document, settings_from
from services.platform.settings import Settings
from services.profile.reading import read_profile
from services.profile.viewing import reading_order
from services.work import unit_of_work
from services.work.postgres_past import looking_back

_CLIENTS = 4
_EVERY = 0.5
_REAL_LOOKS = 40
_MARKED_FAMILIES = range(2, 302)
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
        figures = fill(owner, entries, marked)
        wanted = _questions(max(1, entries // ENTRIES_A_FAMILY), child, decision, looks)
        with _kept_up(owner.engine):
            for name, ask in wanted.items():
                figures |= _measured(name, ask, application, asked)
            figures |= measure_pages(application, child, looks)
    return {
        "name": "audit",
        "conditions": {
            "entries": entries,
            "families": entries // ENTRIES_A_FAMILY,
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


# What is asked, by four at once.


def _questions(
    families: int, child: PersonId, decision: DecisionId, looks: Sequence[str]
) -> dict[str, Ask]:
    def somebody(r: random.Random) -> PersonId:
        return PersonId(person_of(r.randrange(families), 0))

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
        "looks": lambda a, r: a.who_looked([somebody(r)], a.work.now - YEAR, a.work.now),
        "access": lambda a, _: access(a, shown),
        "access of a worker": lambda a, r: access(
            a, shown, actor=f"practitioner:{r.randrange(WORKERS):032x}"
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
        times, chooses = [], random.Random(SEED + number)
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
                give_places(connection)
            catch_up(engine)

    thread = Thread(target=keep, name="keeping up")
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()
