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
from deploy.bench.over_http.loading import percentile, run_client
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


def measure_pages(
    application: Application, child: PersonId, looks: list[str]
) -> Mapping[str, Figure]:
    """Milliseconds of each page, where one family and real looks at it are named."""
    _let_an_auditor_work(application)
    found: dict[str, Figure] = {}
    with served(application) as running, closing(Visitor(running, _AUDITOR)) as auditor:
        running.wait_until_quiet()
        seeds = count(1)
        for name, path in _paths(child, looks, application.clock.now()):
            expected = _UNTOLD.get(name, _ENTERED)
            plan = _plan(running, auditor, (path, expected), seed=next(seeds))
            run_client(replace(plan, seconds=_WARMING_SECONDS), running.cpu)
            times = run_client(plan, running.cpu).milliseconds
            for word, share in _PERCENTILES.items():
                found[f"page {name} {word}"] = figure(percentile(times, share), "ms")
    return found


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
