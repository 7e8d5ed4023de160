"""`bench beside-hapi`: families here, beside the same amount of FHIR on a HAPI server.

One server is up at a time, and they alternate. With commands to start and stop it, HAPI runs while
it is measured and no longer; without them it is measured as it is found, and what that gave is
kept in a file for the run in which it is down. HAPI decides nothing, seals nothing and enters
nothing: it is the nearest thing that people know, not the same work.
"""

import json
import shlex
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

import psutil

from deploy.bench.copied_families import id_in
from deploy.bench.figures import Figure, ratio
from deploy.bench.invented.fhir_families import RESOURCES, bundles, patient_id
from deploy.bench.over_http.client import Plan
from deploy.bench.over_http.cpu import CpuSoFar, cpu_of_trees
from deploy.bench.over_http.families_made import fill_up, folder_of
from deploy.bench.over_http.loading import Loaded, figures_of, run_client
from deploy.bench.over_http.reading import Form, families_in
from deploy.bench.over_http.serving import Visitor, served
from services.bootstrap import Application
from services.cli.output import progress_bar
from services.platform.settings import Settings

AS_IT_COMES: Final = "HAPI, cache as it comes"
NO_CACHE: Final = "HAPI, no cache"
OURS: Final = "a family here"
_CACHES: Final[Mapping[str, Mapping[str, str]]] = {
    AS_IT_COMES: {},
    NO_CACHE: {"Cache-Control": "no-cache"},
}
_FHIR = "application/fhir+json"
_SEED = 20261130
_UP_SECONDS, _LOOK_EVERY = 600.0, 1.0
_WARMING_SECONDS = 5.0

Loads = dict[str, list[Loaded]]


@dataclass(frozen=True, slots=True)
class Beside:
    """How to measure. `processes` are files that hold process ids of HAPI's, by name.

    Without `start` and `stop` HAPI is measured if it is up, and its figures go to `keep`; if it is
    not, families here are, beside what is kept there.
    """

    hapi: str
    keep: Path
    start: str | None = None
    stop: str | None = None
    processes: Mapping[str, Path] = field(default_factory=dict)
    families: int = 200
    clients: int = 8
    seconds: float = 10.0
    rounds: int = 2
    data: Path | None = None

    @property
    def address(self) -> SplitResult:
        """Where HAPI is."""
        return urlsplit(self.hapi.rstrip("/"))


def bench_beside_hapi(settings: Settings, beside: Beside) -> dict[str, Any]:
    """Measure; gives the document of DESIGN.md section 15.

    Raises WrongAnswersError, and TimeoutError where HAPI does not come up.
    """
    if beside.start is None:
        return _document(beside, *_whichever_is_up(settings, beside))
    loads: Loads = {}
    with folder_of(settings, beside.data) as application:
        fill_up(application, beside.families)
        for _ in range(beside.rounds):
            with _started(beside):
                _measure_hapi(beside, loads)
            _measure_ours(application, beside, loads)
    return _document(beside, _figures(loads, _CACHES), _figures(loads, [OURS]))


def _whichever_is_up(
    settings: Settings, beside: Beside
) -> tuple[dict[str, Figure], dict[str, Figure]]:
    loads: Loads = {}
    if is_up(beside.address):
        for _ in range(beside.rounds):
            _measure_hapi(beside, loads)
        found = _figures(loads, _CACHES)
        beside.keep.write_text(json.dumps(found))
        return found, {}
    with folder_of(settings, beside.data) as application:
        fill_up(application, beside.families)
        for _ in range(beside.rounds):
            _measure_ours(application, beside, loads)
    kept = json.loads(beside.keep.read_text()) if beside.keep.exists() else {}
    return kept, _figures(loads, [OURS])


@contextmanager
def _started(beside: Beside) -> Iterator[None]:
    subprocess.run(shlex.split(beside.start or ""), check=True)  # noqa: S603 as it was asked
    try:
        yield
    finally:
        subprocess.run(shlex.split(beside.stop or "true"), check=True)  # noqa: S603 as above


def _measure_hapi(beside: Beside, loads: Loads) -> None:
    _wait_until_up(beside.address)
    families = range(1, beside.families + 1)
    load_families(beside.address, families)
    targets = [
        (f"{beside.address.path}/Patient/{one}/$everything?_count=200", f'"Patient/{one}"')
        for one in map(patient_id, families)
    ]
    where = (beside.address.hostname or "", beside.address.port or 80)
    for name, header in _CACHES.items():
        headers = {"Accept": _FHIR, "Accept-Encoding": "gzip", **header}
        plan = Plan(*where, headers, targets, beside.clients, beside.seconds, _SEED)
        _measure(loads, name, plan, _cpu_of(beside))


def _measure_ours(application: Application, beside: Beside, loads: Loads) -> None:
    reading = families_in(Form.JSON)
    with served(application) as there, closing(Visitor(there)) as visitor:
        there.wait_until_quiet()
        headers = {**reading.headers(visitor), "Accept-Encoding": "gzip"}
        children = [id_in(family, 0) for family in range(1, beside.families + 1)]
        targets = [(reading.address(one), one) for one in children]
        where = (there.host, there.port)
        plan = Plan(*where, headers, targets, beside.clients, beside.seconds, _SEED)
        _measure(loads, OURS, plan, there.cpu)


def _measure(loads: Loads, name: str, plan: Plan, cpu: CpuSoFar) -> None:
    """Once to warm it, which does not count, and once more in another order."""
    run_client(replace(plan, seconds=min(plan.seconds, _WARMING_SECONDS)), cpu)
    loads.setdefault(name, []).append(run_client(replace(plan, seed=_SEED + 1), cpu))


def _cpu_of(beside: Beside) -> CpuSoFar:
    return cpu_of_trees({n: int(f.read_text().split()[0]) for n, f in beside.processes.items()})


def is_up(address: SplitResult) -> bool:
    """Whether HAPI answers."""
    with suppress(OSError, HTTPException), closing(_connection(address)) as http:
        http.request("GET", f"{address.path}/metadata", headers={"Accept": _FHIR})
        return http.getresponse().status == HTTPStatus.OK
    return False


def _wait_until_up(address: SplitResult) -> None:
    ends = time.monotonic() + _UP_SECONDS
    while not is_up(address):
        if time.monotonic() > ends:
            raise TimeoutError("HAPI did not come up")
        time.sleep(_LOOK_EVERY)


def load_families(address: SplitResult, families: Sequence[int]) -> None:
    """Let HAPI have these families, unless the last of them is there. Raises RuntimeError."""
    with closing(_connection(address)) as http:
        last = f"{address.path}/Patient/{patient_id(families[-1])}"
        http.request("GET", last, headers={"Accept": _FHIR})
        answer = http.getresponse()
        answer.read()
        if answer.status == HTTPStatus.OK:
            return
        with progress_bar("Families into HAPI", total=len(families)) as tell:
            for number, bundle in enumerate(bundles(families), start=1):
                headers = {"Accept": _FHIR, "Content-Type": _FHIR}
                http.request("POST", address.path, json.dumps(bundle), headers)
                answer = http.getresponse()
                answer.read()
                if answer.status != HTTPStatus.OK:
                    raise RuntimeError(f"HAPI took no family: status {answer.status}")
                tell(number)


def _connection(address: SplitResult) -> HTTPConnection:
    return HTTPConnection(address.hostname or "", address.port or 80, timeout=120)


def _figures(loads: Loads, names: Iterable[str]) -> dict[str, Figure]:
    found: dict[str, Figure] = {}
    for name in names:
        found |= figures_of(name, loads[name])
    return found


def _document(beside: Beside, hapi: dict[str, Figure], ours: dict[str, Figure]) -> dict[str, Any]:
    rate = "answers a second"
    return {
        "name": "beside-hapi",
        "conditions": {
            "families": beside.families,
            "resources of a family in HAPI": RESOURCES,
            "clients": beside.clients,
            "seconds": beside.seconds,
            "rounds": beside.rounds,
            "cores": psutil.cpu_count(),
        },
        "figures": ours,
        "baselines": hapi,
        "ratios": {
            f"{OURS}, against {name}": ratio(ours[f"{OURS}: {rate}"], hapi[f"{name}: {rate}"])
            for name in _CACHES
            if ours and f"{name}: {rate}" in hapi
        },
    }
