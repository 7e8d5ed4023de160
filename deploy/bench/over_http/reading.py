"""`bench families` and `bench pages`: what whoever reads a family waits for, over HTTP.

First each family once, of which nothing is kept then. In each round: one client, several at once
(each asks again when it is answered), and an open loop at a given rate or at three fifths of what
several reached. Families come in a random order.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from statistics import median
from typing import Any, Final

import psutil

from deploy.bench.copied_families import count_records, id_in
from deploy.bench.figures import Figure, figure, ratio
from deploy.bench.one_family import RECORDS
from deploy.bench.over_http.accounts import account_of, require_accounted_for
from deploy.bench.over_http.client import Plan
from deploy.bench.over_http.families_made import fill_up, folder_of
from deploy.bench.over_http.loading import Loaded, figures_of, run_client
from deploy.bench.over_http.serving import Served, Visitor, served
from services.bootstrap import Application, DatabaseRole
from services.interfaces.families.negotiation import MediaType
from services.interfaces.partners.oauth.routes import METADATA_PATH
from services.platform.settings import Settings

SMALL: Final = 1000
"""Families of the baseline: 100,000 records."""
OPEN_SHARE: Final = 0.6
_OPEN_CONNECTIONS = 64
_SEED = 20261130
_WARMING_SECONDS = 2.0
_NOTHING_SECONDS = 2.0
_LONGEST = 120.0
_ONE, _OPEN, _NOTHING = "1 client", "open loop", "an answer that reads nothing"
_FIRST = "each family for the first time"
"""Since the program began, so nothing is kept of them; all other loads read what was read before
as often as `families` and their answers fit into what a worker keeps."""
_TIMES_BEFORE = 3


class Form(StrEnum):
    """In which form a partner asks for families."""

    JSON = "json"
    FHIR = "fhir"


class Page(StrEnum):
    """A page of a family; the value is the end of its address."""

    OVERVIEW = "overview"
    TIMELINE = "timeline"
    CONSENT = "consent"
    WHO_HAS_LOOKED = "who-has-looked"


@dataclass(frozen=True, slots=True)
class Asked:
    """How to measure. No `rate` is three fifths of what the clients reached together.

    In a folder named by `data` the families are kept for the next time.
    """

    families: int = SMALL
    clients: int = 8
    seconds: float = 10.0
    rounds: int = 2
    rate: float | None = None
    data: Path | None = None
    encoding: str = "gzip"
    warming: float = _WARMING_SECONDS


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read, as whom; a page that shows no records leaves no look."""

    name: str
    kind: str
    address: Callable[[str], str]
    headers: Callable[[Visitor], Mapping[str, str]]
    is_a_look: bool = True


def families_in(form: Form) -> Reading:
    """Families as a partner reads them, with a practitioner's token."""
    accept = MediaType[form.name].value
    return Reading(
        "families",
        form.value,
        "/api/v1/families/{}".format,
        lambda visitor: {"Authorization": f"Bearer {visitor.bearer()}", "Accept": accept},
    )


def pages_of(page: Page) -> Reading:
    """Pages as a browser reads them, with a session's cookie."""
    end = "" if page is Page.OVERVIEW else f"/{page.value}"
    return Reading(
        "pages",
        page.value,
        f"/families/{{}}{end}".format,
        lambda visitor: {"Cookie": visitor.cookie, "Accept": "text/html"},
        is_a_look=page in {Page.OVERVIEW, Page.TIMELINE},
    )


def bench_reading(settings: Settings, reading: Reading, asked: Asked) -> dict[str, Any]:
    """Measure; gives the document of DESIGN.md section 15.

    Among more than 100,000 records it is measured among those first. Raises WrongAnswersError and
    NotAccountedForError.
    """
    with folder_of(settings, asked.data) as application:
        small = _among_few(application, reading, asked) if asked.families > SMALL else None
        large = _measured(application, reading, asked)
    return document_of(reading, asked, small, large)


def _among_few(
    application: Application, reading: Reading, asked: Asked
) -> dict[str, Figure] | None:
    """What reading costs among 100,000: remembered, or measured before there are more.

    None where there are more already, and it was not measured in time.
    """
    kept = application.settings.data / f"bench-{reading.name}-{reading.kind}.json"
    if kept.exists():
        found: dict[str, Figure] = json.loads(kept.read_text())
        return found
    if count_records(application.outside(DatabaseRole.OWNER)) > (SMALL + 1) * RECORDS:
        return None
    found = _measured(application, reading, replace(asked, families=SMALL))
    kept.write_text(json.dumps(found))
    return found


def _measured(application: Application, reading: Reading, asked: Asked) -> dict[str, Figure]:
    fill_up(application, asked.families)
    with served(application) as there, closing(Visitor(there)) as visitor:
        there.wait_until_quiet()
        return measure(there, visitor, reading, asked)


def measure(there: Served, visitor: Visitor, reading: Reading, asked: Asked) -> dict[str, Figure]:
    """All rounds on a server that has the families; raises as `bench_reading`."""
    run = _Run(there, visitor, reading, asked)
    run.load("warming", asked.clients, asked.warming, families=1)
    for name in (_FIRST, *("read before",) * _TIMES_BEFORE):
        run.each_once(name)
    for number in range(asked.rounds):
        run.round(number)
    return run.figures()


class _Run:
    """Rounds of loads on one server."""

    def __init__(self, there: Served, visitor: Visitor, reading: Reading, asked: Asked) -> None:
        self._there = there
        self._visitor = visitor
        self._reading = reading
        self._asked = asked
        self._loads: dict[str, list[Loaded]] = {}
        self._rates: list[float] = []

    def round(self, number: int) -> None:
        """One client, several, the open loop; and beside them what reads nothing."""
        asked, seed = self._asked, _SEED + 10 * number
        self.load(_ONE, 1, asked.seconds, seed=seed)
        several = self.load(self._several, asked.clients, asked.seconds, seed=seed + 1)
        rate = asked.rate or OPEN_SHARE * several.rate
        self._rates.append(rate)
        self.load(_OPEN, _OPEN_CONNECTIONS, asked.seconds, seed=seed + 2, rate=rate)
        nothing = self._plan(asked.clients, min(asked.seconds, _NOTHING_SECONDS), seed, None)
        nothing = replace(nothing, headers={}, targets=[(METADATA_PATH, "token_endpoint")])
        self._loads.setdefault(_NOTHING, []).append(run_client(nothing, self._there.cpu))

    def each_once(self, name: str) -> None:
        """Several read every family once between them, or so many of them as count as few."""
        families = min(self._asked.families, SMALL)
        self.load(name, self._asked.clients, _LONGEST, families=families, each_once=True)

    def load(
        self,
        name: str,
        clients: int,
        seconds: float,
        *,
        seed: int = _SEED,
        rate: float | None = None,
        families: int | None = None,
        each_once: bool = False,
    ) -> Loaded:
        """Put one load on, and see that everything that was shown is on record."""
        outside = self._there.application.outside(DatabaseRole.OWNER)
        plan = self._plan(clients, seconds, seed, rate)
        plan = replace(plan, targets=plan.targets[:families], each_once=each_once)
        before = account_of(outside)
        loaded = run_client(plan, self._there.cpu)
        looks = len(loaded.milliseconds) if self._reading.is_a_look else 0
        require_accounted_for(looks, before, outside)
        self._loads.setdefault(name, []).append(loaded)
        return loaded

    def figures(self) -> dict[str, Figure]:
        """Of every load but the first."""
        found = {f"{_OPEN}: asked for": figure(median(self._rates), "1/s")}
        for name in (_FIRST, _ONE, self._several, _OPEN, _NOTHING):
            found |= figures_of(name, self._loads[name])
        return found

    @property
    def _several(self) -> str:
        return several(self._asked)

    def _plan(self, clients: int, seconds: float, seed: int, rate: float | None) -> Plan:
        families = [id_in(number, 0) for number in range(1, self._asked.families + 1)]
        return Plan(
            self._there.host,
            self._there.port,
            {**self._reading.headers(self._visitor), "Accept-Encoding": self._asked.encoding},
            [(self._reading.address(one), one) for one in families],
            clients,
            seconds,
            seed,
            rate,
        )


def several(asked: Asked) -> str:
    """The name of the load of all clients together."""
    return f"{asked.clients} clients"


def document_of(
    reading: Reading, asked: Asked, small: dict[str, Figure] | None, large: dict[str, Figure]
) -> dict[str, Any]:
    """Figures among many, beside those among few where there are some."""
    rate = f"{several(asked)}: answers a second"
    of_nothing = {name: one for name, one in large.items() if name.startswith(_NOTHING)}
    ratios = {
        f"{several(asked)}, against one": ratio(large[rate], large[f"{_ONE}: answers a second"]),
        f"{several(asked)}, against {_NOTHING}": ratio(
            large[rate], large[f"{_NOTHING}: answers a second"]
        ),
    }
    baselines = of_nothing
    if small is not None:
        compared = _compared(asked, small)
        among = f"among {SMALL * RECORDS:,} records"
        baselines = of_nothing | {f"{name}, {among}": small[name] for name in compared}
        ratios |= {f"{name}, against {among}": ratio(large[name], small[name]) for name in compared}
    return {
        "name": reading.name,
        "conditions": {
            "of": reading.kind,
            "families": asked.families,
            "records": asked.families * RECORDS,
            "clients": asked.clients,
            "seconds": asked.seconds,
            "rounds": asked.rounds,
            "encoding": asked.encoding,
            "cores": psutil.cpu_count(),
        },
        "figures": {name: one for name, one in large.items() if name not in of_nothing},
        "baselines": baselines,
        "ratios": ratios,
    }


def _compared(asked: Asked, small: Mapping[str, Figure]) -> Sequence[str]:
    """What tells whether a read costs more among more."""
    names = [
        f"{load}: {what}"
        for load in (_ONE, several(asked))
        for what in ("p50", "p99", "CPU of all but the client", "CPU of postgresql")
    ]
    return [name for name in names if name in small]
