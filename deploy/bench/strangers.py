"""`bench strangers`: does the time of a no tell who is known? Nobody may learn that by waiting.

The same question about somebody unknown, somebody known with whom the practitioner has nothing to
do, and somebody restricted, in a shuffled order: until the answer is durable (the work), and until
it leaves (at its tick). What is compared is medians, with the 95 % interval of their difference.
"""

import random
import secrets
import time
from collections.abc import Callable, Sequence
from statistics import median
from typing import Any

import psutil

from consent.decisions.restrictions import place_restriction
from consent.model import RestrictionScope
from deploy.bench.figures import Figure, figure, ratio
from deploy.bench.one_family import VISITOR, make_family
from deploy.bench.world import bench_folder
from schemas.identifiers import PersonId
from schemas.vocabulary import Purpose
from services.bootstrap import Application, DatabaseRole
from services.cli.output import progress_bar
from services.interfaces.access.authzen import EvaluationRequest, request_from
from services.interfaces.access.on_record import AskedFor, evaluate_and_record
from services.interfaces.access.postgres_records import UnitOfWorkRecords
from services.platform.loops import leave_what_is_loaded
from services.platform.settings import Settings
from services.platform.ticks import until_tick
from services.profile.reading import read_profile
from services.profile.viewing import reading_order
from services.work import Outside, unit_of_work

MOST_ASKED = 3000
_SEED = 20261129
_WARMING = 50
_RESAMPLES = 1000
_LOW, _HIGH = 0.025, 0.975
_SHARE, _LEAST_MS = 0.03, 0.5

Ask = Callable[[Outside, PersonId], None]
Times = dict[str, list[float]]
"""Milliseconds of each answer, by whom it was about."""
_BASE = "unknown"


def bench_strangers(settings: Settings, *, asked: int) -> dict[str, Any]:
    """Ask `asked` times about each; gives the document of DESIGN.md section 15."""
    with bench_folder(settings) as (application, _):
        about = _people(application)
        measured = {
            name: _measured(application, about, ask, asked)
            for name, ask in (("a question", _question), ("a family", _family))
        }
    return _document(measured, asked)


def _people(application: Application) -> dict[str, Callable[[], PersonId]]:
    """Somebody new each time of whom nobody knows, and two who are known."""
    likeness = make_family(application.outside(DatabaseRole.OWNER))
    unrelated, restricted = (PersonId(one) for one in likeness.ids[1:3])
    with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
        place_restriction(
            restricted, RestrictionScope.PERSON, (), actor="job:bench", deciding=work.deciding()
        )
    return {
        _BASE: lambda: PersonId(secrets.token_hex(16)),
        "unrelated": lambda: unrelated,
        "restricted": lambda: restricted,
    }


def _measured(
    application: Application, about: dict[str, Callable[[], PersonId]], ask: Ask, asked: int
) -> Times:
    outside = application.outside(DatabaseRole.PORTAL)
    order = [name for name in about for _ in range(asked)]
    random.Random(_SEED).shuffle(order)
    for name in order[:_WARMING]:
        ask(outside, about[name]())
    leave_what_is_loaded()  # as the service does
    times: Times = {name: [] for name in about}
    with progress_bar("Answers", total=len(order)) as tell:
        for done, name in enumerate(order):
            person = about[name]()
            began = time.perf_counter()
            ask(outside, person)
            times[name].append((time.perf_counter() - began) * 1e3)
            tell(done + 1)
    return times


def _question(outside: Outside, person: PersonId) -> None:
    """An AuthZEN question, answered and entered."""
    with unit_of_work(outside) as work:
        answer = evaluate_and_record(
            _request(person),
            records=UnitOfWorkRecords(work, speaks_for=lambda _: True),
            ledger=work.ledger,
            at=work.now,
            asking=AskedFor("partner:bench", work.now),
        )
    if answer.decision:
        raise ValueError("a stranger was answered yes")


def _request(person: PersonId) -> EvaluationRequest:
    return request_from(
        {
            "subject": {"type": "practitioner", "id": VISITOR},
            "action": {"name": "read"},
            "resource": {"type": "child-health", "id": person},
            "context": {"purpose": "direct-care"},
        }
    )


def _family(outside: Outside, person: PersonId) -> None:
    """Reading a family, refused and entered."""
    with unit_of_work(outside) as work:
        who = work.directory.practitioner(VISITOR)
        if who is None:
            raise ValueError("the visitor is not in the directory")
        read_profile(reading_order(who, person, Purpose.DIRECT_CARE), reading=work.reading())


def _document(measured: dict[str, Times], asked: int) -> dict[str, Any]:
    figures: dict[str, Figure] = {}
    baselines: dict[str, Figure] = {}
    ratios: dict[str, float] = {}
    for name, times in measured.items():
        baselines[f"{name}, unknown"] = figure(median(times[_BASE]), "ms")
        for who in times.keys() - {_BASE}:
            medians = figure(median(times[who]), "ms")
            figures[f"{name}, {who}"] = medians
            ratios[f"{name}, {who} against unknown"] = ratio(medians, baselines[f"{name}, unknown"])
            figures |= _differences(f"{name}, {who}", times[who], times[_BASE])
    return {
        "name": "strangers",
        "conditions": {"asked of each": asked, "cores": psutil.cpu_count()},
        "figures": dict(sorted(figures.items())),
        "baselines": baselines,
        "ratios": dict(sorted(ratios.items())),
    }


def _differences(name: str, those: Sequence[float], base: Sequence[float]) -> dict[str, Figure]:
    """The interval of the difference of medians, what it may be, and what is left at the tick."""
    low, high = interval_of_difference(those, base)
    left = abs(_leaves(median(those)) - _leaves(median(base)))
    return {
        f"{name}, difference of medians from": figure(low, "ms"),
        f"{name}, difference of medians to": figure(high, "ms"),
        f"{name}, may differ by": figure(max(_SHARE * median(base), _LEAST_MS), "ms"),
        f"{name}, difference when it leaves": figure(left, "ms"),
    }


def _leaves(took: float) -> float:
    """When an answer that took so long leaves, in milliseconds."""
    return took + until_tick(0.0, took / 1e3) * 1e3


def interval_of_difference(those: Sequence[float], base: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the difference of their medians, by resampling (percentiles)."""
    chosen = random.Random(_SEED)
    differences = sorted(
        median(chosen.choices(those, k=len(those))) - median(chosen.choices(base, k=len(base)))
        for _ in range(_RESAMPLES)
    )
    return differences[int(_LOW * _RESAMPLES)], differences[int(_HIGH * _RESAMPLES)]
