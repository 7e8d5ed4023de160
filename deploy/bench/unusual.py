"""`bench unusual`: a year of looks with planted misuse, through the rules that the sweep asks.

The year is made by a program that lies beside the checkout (`shared/bench/misuse.py`). It says
apart from the looks which of them were planted for which rule, and no rule is told. What was
planted is found where a hit that nothing explains is about it. A hit is right where it is about
something that was planted for its rule; `any` counts what was planted for another one too.
"""

import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from time import process_time
from typing import Any

from deploy.bench.figures import figure
from deploy.bench.unusual_year import ROLE, Year, read_year
from services.audit.unusual.days import LOOKS_BACK
from services.audit.unusual.judging import (
    first_of_each,
    judge_acts,
    judge_day,
    judge_family_day,
)
from services.audit.unusual.later import (
    ABOUT_WHEN,
    LooksOfPeriod,
    Peers,
    may_be_much,
    no_later_work,
    on_duty_of,
    period_of,
    volume,
    work_until,
)
from services.audit.unusual.model import ActKind, LedgerAct, RuleFinding, UnusualRule
from services.audit.unusual.settings import UnusualSettings

_A_DAY = timedelta(days=1)
_BESIDE = ("shared/bench/misuse.py",)


def misuse_program() -> Path | None:
    """Where the program lies that makes the year: beside the checkout, or in it."""
    root = Path(__file__).resolve().parents[2]
    places = [parent / name for parent in (root, root.parent) for name in _BESIDE]
    return next((place for place in places if place.is_file()), None)


def bench_unusual(program: Path, settings: UnusualSettings, *, seed: int, looks: int) -> Any:
    """Make the year of this seed and judge it; gives the document of DESIGN.md section 15."""
    with tempfile.TemporaryDirectory() as folder:
        arguments = [folder, str(seed), str(looks)]
        subprocess.run(  # noqa: S603 the program of this project's own year
            [sys.executable, str(program), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        )
        year = read_year(Path(folder), settings)
    began = process_time()
    found = list(first_of_each(judge_year(year)))
    seconds = process_time() - began
    return _document(year, found, seconds, seed)


def judge_year(year: Year) -> Iterator[RuleFinding]:
    """All findings of a year, in the order in which a sweep comes to them."""
    found = list(judge_acts(year.acts, year.known))
    for acts in year.by_worker.values():
        for day, window in _days_of(acts):
            found += judge_day(day, window, year.known)
    for person, acts in year.by_person.items():
        looks = Counter(act.day for act in acts if act.kind is ActKind.LOOK)
        least = year.known.settings.family.more_practitioners_than
        busy = {day for day, count in looks.items() if count > least}
        for day in busy:
            found += judge_family_day(day, person, acts, year.known)
    found += _volumes(year)
    yield from found
    yield from _without_work(year, found)


def _days_of(acts: Sequence[LedgerAct]) -> Iterator[tuple[date, Sequence[LedgerAct]]]:
    """Each day of one worker's acts, which are in order, with what came just before it."""
    by_day: dict[date, list[LedgerAct]] = {}
    for act in acts:
        by_day.setdefault(act.day, []).append(act)
    for day, of_day in by_day.items():
        before = by_day.get(day - _A_DAY, [])
        first = of_day[0].at - LOOKS_BACK
        yield day, [*(act for act in before if act.at >= first), *of_day]


def _without_work(year: Year, found: Iterable[RuleFinding]) -> Iterator[RuleFinding]:
    asked = {
        place
        for one in found
        if one.explained_by is None and one.rule not in ABOUT_WHEN
        for place in one.places
    }
    for acts in year.by_person.values():
        for place, look in enumerate(acts):
            if look.kind is not ActKind.LOOK:
                continue
            until = work_until(look.at, year.known)
            later = [act for act in acts[place + 1 :] if act.at <= until]
            one = no_later_work(
                look, later, year.known, is_asked_already=look.place in asked, source=None
            )
            if one is not None:
                yield one


def _volumes(year: Year) -> Iterator[RuleFinding]:
    """Day by day, with running totals: a day comes in at one end and goes out at the other."""
    counts: dict[str, Counter[date]] = {}
    for worker, acts in year.by_worker.items():
        seen = {(act.day, act.person) for act in acts if act.kind is ActKind.LOOK}
        counts[worker] = Counter(day for day, _ in seen)
    first, last = year.acts[0].at.date(), year.acts[-1].day
    before, now = dict.fromkeys(counts, 0), dict.fromkeys(counts, 0)
    for day in (first + timedelta(days=n) for n in range((last - first).days + 1)):
        gone = period_of(day, year.known)[0] - _A_DAY
        for by, of in counts.items():
            before[by] = now[by]
            now[by] += of[day] - of[gone]
        everybody = [_period(year, by, now[by], before[by]) for by in counts if now[by]]
        peers = Peers(everybody)
        for one in everybody:
            if counts[one.by][day] and may_be_much(one, peers, year.known):
                yield from _volume(year, one, peers, counts[one.by], day)


def _period(year: Year, by: str, now: int, before: int) -> LooksOfPeriod:
    return LooksOfPeriod(by, now, before, ROLE, year.known.staff.of(by).team)


def _volume(
    year: Year, one: LooksOfPeriod, peers: Peers, counts: Mapping[date, int], day: date
) -> Iterator[RuleFinding]:
    known = year.known
    first, last = period_of(day, known)
    times = range(1, known.settings.volume.periods_of_usual + 1)
    usual = tuple(_sum(counts, *period_of(day, known, back=back)) for back in times)
    duty = on_duty_of(counts, known.staff.of(one.by).duty, day, known)
    asked = LooksOfPeriod(one.by, one.now, one.day_before, one.role, one.team, usual, duty)
    acts = [
        act
        for act in year.by_worker[one.by]
        if act.kind is ActKind.LOOK and first <= act.day <= last + (last - first)
    ]
    found = volume(day, asked, peers, acts, known)
    if found is not None:
        yield found


def _sum(counts: Mapping[date, int], first: date, last: date) -> int:
    days = range((last - first).days + 1)
    return sum(counts[first + timedelta(days=n)] for n in days)


# What was found of what was planted.


def _document(year: Year, found: Sequence[RuleFinding], seconds: float, seed: int) -> Any:
    left = [one for one in found if one.explained_by is None]
    hits = defaultdict(list)
    for one in left:
        hits[one.rule].append(set(one.places))
    planted_at_all = {p for sets in year.planted.values() for places in sets for p in places}
    rules = {
        rule.value: _figures_of(hits[rule], year.planted.get(rule, ()), planted_at_all)
        | {"explained": sum(1 for one in found if one.rule is rule and one.explained_by)}
        for rule in UnusualRule
    }
    return {
        "name": "unusual",
        "conditions": {"seed": seed, "looks": year.looks, "rules": year.known.settings.version},
        "figures": {
            "looks_per_second": figure(year.looks / seconds, "looks/s"),
            "cpu": figure(seconds, "s"),
            "hits": figure(len(left), "hits"),
        },
        "baselines": {},
        "ratios": {},
        "rules": rules,
    }


def _figures_of(
    hits: Sequence[set[int]], planted: Sequence[set[int]], at_all: set[int]
) -> dict[str, float | int | None]:
    """Shares are of 1; None where nothing was planted for it, so that nothing can be said."""
    about = {place for hit in hits for place in hit}
    labels = {place for one in planted for place in one}
    found = sum(1 for one in planted if one & about)
    return {
        "planted": len(planted),
        "found": found,
        "hits": len(hits),
        "recall": _share(found, len(planted)) if planted else None,
        "precision": _share(sum(1 for h in hits if h & labels), len(hits)) if planted else None,
        "precision_any": _share(sum(1 for h in hits if h & at_all), len(hits)) if hits else None,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def rules_in_words(document: Mapping[str, Any]) -> str:
    """A line a rule."""
    lines = ["  rule                   planted found  hits  recall  precision  any  explained"]
    for rule, figures in document["rules"].items():
        shares = [
            "    –" if figures[name] is None else f"{figures[name]:5.0%}"
            for name in ("recall", "precision", "precision_any")
        ]
        counts = f"{figures['planted']:7} {figures['found']:5} {figures['hits']:5}"
        lines.append(f"  {rule:22} {counts}   {'  '.join(shares)}  {figures['explained']:6}")
    return "\n".join(lines)
