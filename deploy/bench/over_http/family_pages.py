"""`bench family-pages`: what somebody of a family waits for at their own door, over HTTP.

Each page at three fifths of the highest rate that clients reach on it, in an open loop; and taking
back a yes, one after another, each by a code of its own, after which the page has none of it.
Pages of looks leave at a tick (services.platform.ticks): their figures have that as their floor,
and no more of them is answered than the clients that wait for it ask for. CPU is that of the open
loop, of all workers of the door and of the database, so it tells more than the clock of a machine
that others use.
"""

import re
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import urlencode

import psutil

from deploy.bench.figures import Figure, figure, ratio
from deploy.bench.over_http.client import Plan
from deploy.bench.over_http.cpu import CpuSoFar
from deploy.bench.over_http.families_at_the_door import AtTheDoor, door_served, make_families
from deploy.bench.over_http.families_made import folder_of
from deploy.bench.over_http.loading import Loaded, percentile, run_client
from services.bootstrap import Application, DatabaseRole
from services.platform.settings import Settings
from services.platform.ticks import PAGE_TICK
from services.work import unit_of_work

PAGES: Final[Mapping[str, tuple[str, str]]] = {
    "home": ("/home", "Who can see what"),
    "who has looked": ("/looked", "Page 1 of"),
    "choices": ("/choices", "You said yes to these."),
    "how to reach you": ("/reach", "We send you nothing."),
    "a copy": ("/copy", "A copy of what we hold"),
    "looks as data": ("/families/me/looks", '"total"'),
}
"""Where each is, and a text that only the right answer has."""
AT_A_TICK: Final = ("who has looked", "looks as data")
"""Those of them that leave at a tick, whatever they hold back."""
OPEN_SHARE: Final = 0.6
_SEED = 20261201
_WARMING = 0.5
_CSRF = re.compile(rb'name="csrf" value="([0-9a-f]+)"')


class NotTakenBackError(RuntimeError):
    """A yes was not taken back, or stood on the page afterwards: nothing that was timed counts."""


@dataclass(frozen=True, slots=True)
class AskedFamilyPages:
    """How many mothers, each taking one yes back; how many clients, for how many seconds a page."""

    families: int = 20
    clients: int = 4
    seconds: float = 4.0


def bench_family_pages(settings: Settings, asked: AskedFamilyPages) -> dict[str, Any]:
    """Measure; gives the document of DESIGN.md section 15.

    Raises NotTakenBackError and WrongAnswersError.
    """
    port = _free_port()
    own = settings.model_copy(update={"environment": "demonstration", "cookie_secure": False})
    own = own.model_copy(update={"family_port": port})
    with folder_of(own, None) as application:
        mothers = make_families(application, asked.families)
        with door_served(application, port) as cpu:
            baseline, measured = _pages(port, mothers, asked, cpu)
            measured |= _taking_back(application, port, mothers)
    return {
        "name": "family-pages",
        "conditions": {
            "families": asked.families,
            "clients": asked.clients,
            "leave at a tick": [f"{name}, {PAGE_TICK * 1e3:.0f} ms" for name in AT_A_TICK],
            "cores": psutil.cpu_count(),
            "memory": psutil.virtual_memory().total,
        },
        "figures": measured,
        "baselines": baseline,
        "ratios": {
            name: ratio(one, baseline["an answer that reads nothing: p99"])
            for name, one in measured.items()
            if name.endswith("p99")
        },
    }


def _pages(
    port: int, mothers: Sequence[AtTheDoor], asked: AskedFamilyPages, cpu: CpuSoFar
) -> tuple[dict[str, Figure], dict[str, Figure]]:
    nothing = _loaded(port, mothers, ("/safety", "Use this page safely"), asked, cpu)
    baseline = {"an answer that reads nothing: p99": _p99(nothing)}
    measured: dict[str, Figure] = {}
    for name, target in PAGES.items():
        loaded = _loaded(port, mothers, target, asked, cpu)
        measured[f"{name}: p99"] = _p99(loaded)
        measured[f"{name}: p50"] = figure(percentile(loaded.milliseconds, 0.5), "ms")
        measured[f"{name}: rate"] = figure(loaded.rate, "1/s")
        for process in ("door", "postgresql"):
            used = loaded.cpu[process] / len(loaded.milliseconds) * 1e3
            measured[f"{name}: CPU of {process}"] = figure(used, "ms a page")
    return baseline, measured


def _loaded(
    port: int,
    mothers: Sequence[AtTheDoor],
    target: tuple[str, str],
    asked: AskedFamilyPages,
    cpu: CpuSoFar,
) -> Loaded:
    """An open loop at a share of what clients reach together when each waits for its answer."""
    cookies = [one.cookie for one in mothers]
    plan = Plan("127.0.0.1", port, {}, [target], asked.clients, _WARMING, _SEED, cookies=cookies)
    run_client(plan, _no_cpu)
    highest = run_client(replace(plan, seconds=asked.seconds / 2), _no_cpu).rate
    steady = replace(plan, seconds=asked.seconds, rate=OPEN_SHARE * highest, clients=32)
    return run_client(steady, cpu)


def _no_cpu() -> Mapping[str, float]:
    return {}


def _p99(loaded: Loaded) -> Figure:
    return figure(percentile(loaded.milliseconds, 0.99), "ms")


def _taking_back(
    application: Application, port: int, mothers: Sequence[AtTheDoor]
) -> dict[str, Figure]:
    """Milliseconds of the call that takes a yes back, after which her page has it no more."""
    calls = list(_calls(application, port, mothers))
    return {
        "taking back: p50": figure(percentile(calls, 0.5), "ms"),
        "taking back: p99": figure(percentile(calls, 0.99), "ms"),
    }


def _calls(application: Application, port: int, mothers: Sequence[AtTheDoor]) -> Iterator[float]:
    for one in mothers:
        at = f"/choices/{one.decision}"
        token = _CSRF.search(_send(port, one, "GET", at)[1])
        form = {"csrf": "" if token is None else token[1].decode()}
        _send(port, one, "POST", at, {**form, "say": "no"})
        code = _code(application)
        sent = time.perf_counter()
        status, body = _send(port, one, "POST", f"{at}/code", {**form, "code": code})
        yield (time.perf_counter() - sent) * 1e3
        still = _send(port, one, "GET", "/choices")[1]
        if status != HTTPStatus.OK or b"You said no" not in body or at.encode() in still:
            raise NotTakenBackError(f"taking back was answered with {status}")


def _code(application: Application) -> str:
    """The code that was sent last, from where messages wait."""
    found = "000000"
    with unit_of_work(application.outside(DatabaseRole.OWNER)) as work:
        out = work.messages_out()
        while waiting := out.claim(now=work.now, lease=timedelta(minutes=1)):
            out.forget(waiting.id)
            found = found if waiting.message is None else waiting.message.text[:6]
    return found


def _send(
    port: int, one: AtTheDoor, method: str, path: str, form: Mapping[str, str] | None = None
) -> tuple[int, bytes]:
    headers = {"Cookie": one.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        connection.request(method, path, None if form is None else urlencode(form), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
