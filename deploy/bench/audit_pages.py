"""The pages of the auditor's workbench beside so many entries, as the program serves them.

The real program, over HTTP, by so many clients that each ask again as soon as they are answered,
and one page after the other, so that each has its own figures.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from itertools import count

from deploy.bench.figures import Figure, figure
from deploy.bench.one_family import AGENCY, VISITOR
from deploy.bench.over_http.client import Plan
from deploy.bench.over_http.loading import Loaded, percentile, run_client
from deploy.bench.over_http.serving import Served, Visitor, served
from schemas.identifiers import PersonId, PractitionerId
from schemas.uk_time import uk_day
from schemas.vocabulary import Purpose, Role
from services.audit.integrity.postgres_passes import LedgerPass
from services.bootstrap import Application, DatabaseRole
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.portal.audit import addresses
from services.portal.audit.addresses import with_query
from services.work import unit_of_work

CLIENTS = 4
_AUDITOR = PractitionerId("ad" * 16)
_SECONDS, _WARMING_SECONDS = 4.0, 1.0
_ENTERED = "was entered in the ledger as entry"
_UNTOLD = {"exports": "Exports"}
"""What stands on pages that do not say by which entry they are on record."""
_PERCENTILES = {"p50": 0.5, "p99": 0.99}
_ANSWERING = ("portal", "postgresql")
_SHOWN_ALONE = {
    "one hit": (addresses.ONE_HIT, "hit", "SELECT hit_id FROM unusual_standing LIMIT 1"),
    "one review": (addresses.ONE_REVIEW, "review", "SELECT item_id FROM governance_open LIMIT 1"),
    "one decision": (
        addresses.ONE_DECISION,
        "decision",
        "SELECT decision_id FROM audit_decision LIMIT 1",
    ),
}
"""Pages of one thing: where, by which part of the address, and one that there is."""


def measure_pages(
    application: Application, child: PersonId, looks: list[str]
) -> Mapping[str, Figure]:
    """Milliseconds of each page, where one family and real looks at it are named."""
    _let_an_auditor_work(application)
    found: dict[str, Figure] = {}
    with served(application) as running, closing(Visitor(running, _AUDITOR)) as auditor:
        running.wait_until_quiet()
        seeds = count(1)
        paths = dict(_paths(child, looks, application.clock.now())) | _of_one(application)
        for name, path in paths.items():
            expected = _UNTOLD.get(name, _ENTERED)
            plan = _plan(running, auditor, (path, expected), seed=next(seeds))
            run_client(replace(plan, seconds=_WARMING_SECONDS), running.cpu)
            found |= _figures(name, run_client(plan, running.cpu))
    return found


def _figures(name: str, loaded: Loaded) -> Mapping[str, Figure]:
    """How long, what CPU of whom, and how much of the machine was ours meanwhile."""
    times = loaded.milliseconds
    found = {
        f"page {name} {word}": figure(percentile(times, share), "ms")
        for word, share in _PERCENTILES.items()
    }
    for process in _ANSWERING:
        used = loaded.cpu.get(process, 0.0) / len(times) * 1e3
        found[f"page {name} CPU of {process}"] = figure(used, "ms an answer")
    share = loaded.clock.cpu / loaded.clock.wall
    return {**found, f"page {name} share of a core": figure(share, "of 1")}


def _plan(running: Served, auditor: Visitor, target: tuple[str, str], *, seed: int) -> Plan:
    return Plan(
        running.host,
        running.port,
        {"Cookie": auditor.cookie, "Accept-Encoding": "gzip"},
        [target],
        CLIENTS,
        _SECONDS,
        seed,
    )


def _let_an_auditor_work(application: Application) -> None:
    """Somebody who may ask. A pass over the ledger is said to have been: none begins beside it."""
    now = application.clock.now()
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        work.directory.save_practitioner(
            PractitionerEntry(
                _AUDITOR,
                "An auditor",
                Role.INFORMATION_GOVERNANCE,
                "Information governance",
                AGENCY,
                None,
                None,
                Purpose.SERVICE_IMPROVEMENT,
            )
        )
    application.keep_pass(LedgerPass(now, now, 0, 0, 0, 0, (), "job:bench"))


def _of_one(application: Application) -> dict[str, str]:
    with application.outside(DatabaseRole.OWNER).engine.connect() as connection:
        found = {
            name: (path, part, connection.exec_driver_sql(statement).scalar())
            for name, (path, part, statement) in _SHOWN_ALONE.items()
        }
    return {name: path.format(**{part: one}) for name, (path, part, one) in found.items() if one}


def _paths(child: PersonId, looks: list[str], now: datetime) -> Iterator[tuple[str, str]]:
    today = uk_day(now).isoformat()
    family = {"family": str(child)}
    yield "home", addresses.AUDIT
    yield "looks", with_query(addresses.LOOKS, family)
    yield "access", addresses.ACCESS
    yield "access of a family", with_query(addresses.ACCESS, family)
    yield "explain", f"{addresses.EXPLAIN}/{looks[0]}"
    day = {**family, "worker": str(VISITOR), "day": today}
    yield "could see", with_query(addresses.COULD_SEE, day)
    yield "refusals", addresses.REFUSALS
    yield "decisions", addresses.DECISIONS
    yield "unusual", addresses.UNUSUAL
    yield "reviews", addresses.REVIEWS
    yield "family questions", addresses.FAMILY_QUESTIONS
    yield "timings", addresses.TIMINGS
    yield "integrity", addresses.INTEGRITY
    yield "figures", addresses.FIGURES
    yield "exports", addresses.EXPORTS
