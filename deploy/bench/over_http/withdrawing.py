"""`bench withdrawal`: how soon a withdrawal counts, from the button to the last sealed row.

Families with a permission in force are withdrawn one after another in the portal, spread over the
time, while others are read beside. After each, the very next read has to hold nothing of it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Event, Thread
from typing import Any, Final, Self

import psutil
from sqlalchemy import text

from deploy.bench.copied_families import id_in
from deploy.bench.figures import Figure, figure, ratio
from deploy.bench.over_http.accounts import account_of, require_accounted_for
from deploy.bench.over_http.client import Plan
from deploy.bench.over_http.families_made import fill_up, folder_of
from deploy.bench.over_http.loading import Loaded, figures_of, percentile, run_client
from deploy.bench.over_http.serving import Served, Visitor, served
from schemas.topics import SHARING_DECISIONS
from services.bootstrap import Application, DatabaseRole
from services.platform.settings import Settings

PERSONS: Final = 4
_DECISION: Final = PERSONS
"""In a copied family the permission has the place after its persons."""
WITHDRAWN_MARKS: Final = (b"Child in need plan", b"We told it once", b"Review ")
"""What other agencies and the family have said, which a page shows while it is permitted."""
_SEED = 20261130
_LOOK_EVERY = 0.01
_LONGEST_SECONDS = 60.0
_GROUP = "bench-withdrawal"
_STORED = text("""
    SELECT DISTINCT person_id FROM record WHERE person_id = ANY(:persons) AND NOT removed
""")
_ANSWERS = {HTTPStatus.OK, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
_BESIDE = "reads beside"


class StillShownError(RuntimeError):
    """After a withdrawal something of it was shown, or before it nothing: nothing counts."""


@dataclass(frozen=True, slots=True)
class AskedWithdrawal:
    """How many families to withdraw, in how many seconds, while clients read others `beside`."""

    withdrawals: int = 100
    seconds: float = 20.0
    clients: int = 4
    beside: int = 200


@dataclass(slots=True)
class _Times:
    """Milliseconds of each step, in the order of withdrawals; by family where others tell them."""

    call: list[float] = field(default_factory=list)
    next_read: list[float] = field(default_factory=list)
    purged: dict[int, float] = field(default_factory=dict)
    announced: dict[int, float] = field(default_factory=dict)


def bench_withdrawal(settings: Settings, asked: AskedWithdrawal) -> dict[str, Any]:
    """Measure; gives the document of DESIGN.md section 15.

    Raises StillShownError, WrongAnswersError and NotAccountedForError.
    """
    with folder_of(settings, None) as application:
        fill_up(application, asked.withdrawals + asked.beside)
        with served(application) as there, closing(Visitor(there)) as visitor:
            there.wait_until_quiet()
            return measure(there, visitor, asked)


def measure(there: Served, visitor: Visitor, asked: AskedWithdrawal) -> dict[str, Any]:
    """All on a server that has the families; gives and raises as `bench_withdrawal`."""
    times, beside = _withdraw_and_read(there, visitor, asked)
    return _document(asked, times, beside)


def _withdraw_and_read(
    there: Served, visitor: Visitor, asked: AskedWithdrawal
) -> tuple[_Times, Loaded]:
    outside = there.application.outside(DatabaseRole.OWNER)
    before = account_of(outside)
    families = [id_in(asked.withdrawals + n, 0) for n in range(1, asked.beside + 1)]
    headers = {"Cookie": visitor.cookie, "Accept": "text/html", "Accept-Encoding": "gzip"}
    targets = [(f"/families/{one}", one) for one in families]
    plan = Plan(there.host, there.port, headers, targets, asked.clients, asked.seconds, _SEED)
    times = _Times()
    with ThreadPoolExecutor(1) as beside, _Watch(there.application, times) as watch:
        reading = beside.submit(run_client, plan, there.cpu)
        shown = Withdrawals(visitor, times.call, times.next_read).withdraw_all(asked, watch.begin)
        watch.wait_for(asked.withdrawals)
        loaded = reading.result()
    require_accounted_for(len(loaded.milliseconds) + shown, before, outside)
    return times, loaded


class Withdrawals:
    """Withdraws families as a practitioner does, and reads each before and after."""

    def __init__(self, visitor: Visitor, call: list[float], next_read: list[float]) -> None:
        self._visitor = visitor
        self._call = call
        self._next_read = next_read

    def withdraw_all(self, asked: AskedWithdrawal, withdrawn: Callable[[int, float], None]) -> int:
        """Withdraw the first families, evenly over the time; gives how many reads were allowed.

        `withdrawn` is told each family, and when its withdrawal was answered. Raises
        StillShownError.
        """
        began, shown = time.perf_counter(), 0
        form = self._visitor.form_token(_page(1))
        for family in range(1, asked.withdrawals + 1):
            due = began + (family - 1) * asked.seconds / asked.withdrawals
            time.sleep(max(0.0, due - time.perf_counter()))
            shown += self._read(family, is_shared=True)
            sent = time.perf_counter()
            answer, _ = self._visitor.send("POST", _page(family), {"csrf": form})
            answered = time.perf_counter()
            if answer.status != HTTPStatus.SEE_OTHER:
                raise StillShownError(f"a withdrawal was answered with {answer.status}")
            shown += self._read(family, is_shared=False)
            self._call.append((answered - sent) * 1e3)
            self._next_read.append((time.perf_counter() - answered) * 1e3)
            withdrawn(family, answered)
        return shown

    def _read(self, family: int, *, is_shared: bool) -> bool:
        answer, body = self._visitor.send("GET", f"/families/{id_in(family, 0)}")
        require_shown(answer.status, body, is_shared=is_shared)
        return answer.status == HTTPStatus.OK


def require_shown(status: int, body: bytes, *, is_shared: bool) -> None:
    """What is shared stands on the page; what is not, does not, however the page is answered.

    Raises StillShownError.
    """
    found = [mark for mark in WITHDRAWN_MARKS if mark in body]
    if is_shared and (status != HTTPStatus.OK or len(found) != len(WITHDRAWN_MARKS)):
        raise StillShownError(f"before a withdrawal {len(found)} marks were shown: {status}")
    if not is_shared and (found or status not in _ANSWERS):
        raise StillShownError(f"after a withdrawal {len(found)} marks were shown: {status}")


def _page(family: int) -> str:
    child, decision = id_in(family, 0), id_in(family, _DECISION)
    return f"/families/{child}/consent/{decision}/withdraw"


class _Watch:
    """Sees when the last stored record of a family is gone, and when the bus tells it."""

    def __init__(self, application: Application, times: _Times) -> None:
        self._application = application
        self._times = times
        self._began: dict[int, float] = {}
        self._over = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(_LONGEST_SECONDS)

    def begin(self, family: int, answered: float) -> None:
        """From now on wait for this family; times count from when its withdrawal was answered."""
        self._began[family] = answered

    def wait_for(self, families: int) -> None:
        """Until all are purged and announced. Raises TimeoutError."""
        ends = time.monotonic() + _LONGEST_SECONDS
        while min(len(self._times.purged), len(self._times.announced)) < families:
            if time.monotonic() > ends:
                seen = f"{len(self._times.purged)} purged, {len(self._times.announced)} announced"
                raise TimeoutError(f"of {families} withdrawals: {seen}")
            time.sleep(_LOOK_EVERY)

    def _look(self) -> None:
        bus = self._application.open_bus(DatabaseRole.OWNER)
        engine = self._application.outside(DatabaseRole.OWNER).engine
        told_at: dict[str, float] = {}
        with (
            closing(bus),
            bus.subscribe(_GROUP, [SHARING_DECISIONS], lambda _: {}) as subscription,
            engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection,
        ):
            while not self._over.wait(_LOOK_EVERY):
                for message in subscription.poll(500, 0.0):
                    told_at.setdefault(message.key, time.perf_counter())
                waiting = [f for f in dict(self._began) if f not in self._times.purged]
                persons = {id_in(f, place): f for f in waiting for place in range(PERSONS)}
                rows = connection.execute(_STORED, {"persons": list(persons)})
                stored = {persons[row.person_id] for row in rows}
                now = time.perf_counter()
                for family in waiting:
                    if family not in stored:
                        self._times.purged[family] = (now - self._began[family]) * 1e3
                self._note_announced(told_at)

    def _note_announced(self, told_at: Mapping[str, float]) -> None:
        for family, answered in dict(self._began).items():
            at = told_at.get(id_in(family, 0))
            if at is not None:
                self._times.announced.setdefault(family, max(0.0, at - answered) * 1e3)


def _document(asked: AskedWithdrawal, times: _Times, beside: Loaded) -> dict[str, Any]:
    reads = figures_of(_BESIDE, [beside])
    figures = {
        **_spread("the call", times.call, {"p50": 0.5, "p95": 0.95, "p99": 0.99}),
        **_spread("the next read", times.next_read, {"p50": 0.5, "p99": 0.99}),
        **_spread("until purged", list(times.purged.values()), _SELDOM),
        **_spread("until announced on the bus", list(times.announced.values()), _SELDOM),
    }
    return {
        "name": "withdrawal",
        "conditions": {
            "withdrawals": asked.withdrawals,
            "seconds": asked.seconds,
            "clients that read beside": asked.clients,
            "cores": psutil.cpu_count(),
        },
        "figures": figures,
        "baselines": reads,
        "ratios": {
            "the call, against a read beside": ratio(
                figures["the call: p50"], reads[f"{_BESIDE}: p50"]
            )
        },
    }


_SELDOM = {"p50": 0.5, "p95": 0.95, "longest": 1.0}


def _spread(
    name: str, milliseconds: Sequence[float], shares: Mapping[str, float]
) -> dict[str, Figure]:
    return {
        f"{name}: {word}": figure(percentile(milliseconds, share), "ms")
        for word, share in shares.items()
    }
