"""Rules about what somebody did in a day, and about who looked at one family in a day. Pure.

Given acts in any order; the same acts give the same findings, each once a day.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from services.audit.unusual.looking import by_case_load
from services.audit.unusual.model import (
    ActKind,
    ExplainedBy,
    Known,
    LedgerAct,
    RuleFinding,
    UnusualRule,
    finding,
)

LOOKS_BACK = timedelta(days=1)
"""How much earlier than its day a rule may have to look; settings stay below it."""


def refused_often(day: date, acts: Iterable[LedgerAct], known: Known) -> Iterator[RuleFinding]:
    """So many attempts refused within an hour, of which the last are on this day."""
    settings = known.settings.refused
    refused = [act for act in _ordered(acts) if act.kind is ActKind.REFUSED]
    within = timedelta(minutes=settings.within_minutes)
    burst: dict[int, LedgerAct] = {}
    first = 0
    for last, act in enumerate(refused):
        while act.at - refused[first].at > within:
            first += 1
        if act.day == day and last - first + 1 >= settings.times:
            burst |= {one.place: one for one in refused[first : last + 1]}
    if burst:
        found = list(burst.values())
        yield finding(UnusualRule.REFUSED_OFTEN, found, by=found[0].by, person=None, day=day)


def refused_then_allowed(
    day: date, acts: Iterable[LedgerAct], known: Known
) -> Iterator[RuleFinding]:
    """Shown what they were refused not long before."""
    within = timedelta(hours=known.settings.refused.then_allowed_within_hours)
    refused: dict[str, LedgerAct] = {}
    seen: set[str] = set()
    for act in _ordered(acts):
        if act.kind is ActKind.REFUSED:
            refused |= dict.fromkeys(act.persons, act)
        elif act.kind is ActKind.LOOK and act.day == day and act.person is not None:
            before = next((refused[one] for one in act.persons if one in refused), None)
            if before is None or act.at - before.at > within or act.person in seen:
                continue
            seen.add(act.person)
            yield finding(
                UnusualRule.REFUSED_THEN_ALLOWED,
                [before, act],
                by=act.by,
                person=act.person,
                day=day,
                explained_by=by_case_load(act, known),
            )


def search_fishing(day: date, acts: Iterable[LedgerAct], known: Known) -> Iterator[RuleFinding]:
    """Search after search on one day, and nobody opened between them."""
    longest: list[LedgerAct] = []
    run: list[LedgerAct] = []
    for act in _ordered(act for act in acts if act.day == day):
        if act.kind is ActKind.SEARCH:
            run.append(act)
            longest = max(longest, run, key=len)
        elif act.kind in {ActKind.LOOK, ActKind.EMERGENCY}:
            run = []
    if len(longest) >= known.settings.search.times:
        rule = UnusualRule.SEARCH_FISHING
        yield finding(rule, longest, by=longest[0].by, person=None, day=day)


def widely_looked(
    day: date, person: str, acts: Iterable[LedgerAct], known: Known
) -> Iterator[RuleFinding]:
    """One family looked at by many who do not have it on their case-load.

    An emergency about it, that day or the day before, is what brings many.
    """
    acts = _ordered(acts)
    strangers = [
        act
        for act in acts
        if act.kind is ActKind.LOOK and act.day == day and by_case_load(act, known) is None
    ]
    if len({act.by for act in strangers}) <= known.settings.family.more_practitioners_than:
        return
    days = {day, day - timedelta(days=1)}
    is_incident = any(act.kind is ActKind.EMERGENCY and act.day in days for act in acts)
    explained = ExplainedBy.INCIDENT if is_incident else None
    rule = UnusualRule.WIDELY_LOOKED
    yield finding(rule, strangers, by=None, person=person, day=day, explained_by=explained)


def _ordered(acts: Iterable[LedgerAct]) -> Sequence[LedgerAct]:
    return sorted(acts, key=lambda act: (act.at, act.place))
