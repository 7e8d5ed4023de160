"""Rules that ask what came before and after: work that follows a look, and more looks than usual.

Pure. Both are asked of a day that is over.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median

from services.audit.unusual.looking import grounds_at
from services.audit.unusual.model import (
    ActKind,
    ExplainedBy,
    Known,
    LedgerAct,
    RuleFinding,
    UnusualRule,
    finding,
)

ABOUT_WHEN = frozenset({UnusualRule.ODD_HOURS, UnusualRule.ON_LEAVE, UnusualRule.NO_LATER_WORK})
"""Rules that do not ask why somebody looked at this family; every other one does."""


def no_later_work(
    look: LedgerAct,
    later: Iterable[LedgerAct],
    known: Known,
    *,
    is_asked_already: bool,
    source: str | None,
) -> RuleFinding | None:
    """A relationship that was claimed, and nothing done for the family after the look.

    `later` are acts about anybody who was shown; `source` is the kind of agency that they work
    for, whose records count too. Where another hit asks why they looked, one question is enough.
    """
    case = known.settings.case
    grounds = grounds_at(known.states(look), look.at)
    if not grounds or not grounds <= case.claimed:
        return None
    until = look.at + timedelta(days=case.work_within_days)
    worked = any(look.at < act.at <= until and _is_work_of(act, look, source) for act in later)
    explained = ExplainedBy.LATER_WORK if worked else None
    if explained is None and is_asked_already:
        explained = ExplainedBy.ASKED_ALREADY
    return finding(
        UnusualRule.NO_LATER_WORK,
        [look],
        by=look.by,
        person=look.person,
        day=look.day,
        explained_by=explained,
    )


def _is_work_of(act: LedgerAct, look: LedgerAct, source: str | None) -> bool:
    if act.kind is not ActKind.WORK or not set(act.persons) & set(look.persons):
        return False
    return act.by == look.by or (not act.by and act.source is not None and act.source == source)


@dataclass(frozen=True, slots=True)
class LooksOfPeriod:
    """How many families somebody looked at, a family a day once, in the days up to `day`.

    `day_before` is the same a day earlier. `role` and `team` say whose peers they are. `usual`
    are the periods before, the newest first, and `on_duty` how many of `now` and `day_before`
    were on days of duty: both asked of few, and only of those.
    """

    by: str
    now: int
    day_before: int
    role: str
    team: bytes | None
    usual: Sequence[int] = field(default_factory=tuple)
    on_duty: tuple[int, int] = (0, 0)


def may_be_much(of: LooksOfPeriod, peers: "Peers", known: Known) -> bool:
    """Whether it is worth asking what is usual for them."""
    return of.now >= known.settings.volume.fewest and of.now > peers.limit(of, known)


class Peers:
    """The figures of everybody in a period, by role and team."""

    def __init__(self, everybody: Iterable[LooksOfPeriod]) -> None:
        self._of_team: dict[tuple[str, bytes | None], list[LooksOfPeriod]] = {}
        self._of_role: dict[str, list[LooksOfPeriod]] = {}
        for one in everybody:
            self._of_team.setdefault((one.role, one.team), []).append(one)
            self._of_role.setdefault(one.role, []).append(one)

    def limit(self, of: LooksOfPeriod, known: Known) -> int:
        """What so many of a hundred others stay below: of the team, or of the role."""
        return _percentile(self.figures(of, known), known.settings.volume.percentile)

    def figures(self, of: LooksOfPeriod, known: Known) -> Sequence[int]:
        """The others' figures; a team that is too small to tell is seen with all of the role."""
        team = [] if of.team is None else self._of_team.get((of.role, of.team), [])
        enough = known.settings.volume.fewest_peers
        peers = team if len(team) > enough else self._of_role.get(of.role, [])
        return [one.now for one in peers if one.by != of.by]


def volume(
    day: date, of: LooksOfPeriod, peers: Peers, acts: Sequence[LedgerAct], known: Known
) -> RuleFinding | None:
    """Many more than peers, and than usual for them; told on the first day of its being so.

    `acts` are their looks of the period. Looks on days of duty do not count.
    """
    limit, usual = peers.limit(of, known), _usual(of, peers, known)
    if not _is_much(of.now, limit, usual, known) or _is_much(of.day_before, limit, usual, known):
        return None
    rule = UnusualRule.VOLUME
    without = of.now - of.on_duty[0]
    is_left = _is_much(without, limit, usual, known)
    explained = None if is_left else ExplainedBy.ROTA
    return finding(rule, acts, by=of.by, person=None, day=day, explained_by=explained)


def _is_much(figure: int, limit: int, usual: float, known: Known) -> bool:
    settings = known.settings.volume
    return figure >= settings.fewest and figure > limit and figure > settings.times_usual * usual


def _usual(of: LooksOfPeriod, peers: Peers, known: Known) -> float:
    """Their own median; that of their peers where they have looked at nobody before."""
    own = [figure for figure in of.usual if figure]
    others = peers.figures(of, known)
    return float(median(own) if own else median(others) if others else 0)


def _percentile(figures: Sequence[int], percentile: int) -> int:
    """The nearest rank; 0 of nobody."""
    if not figures:
        return 0
    return sorted(figures)[max(0, ceil(len(figures) * percentile / 100) - 1)]


def period_of(day: date, known: Known, *, back: int = 0) -> tuple[date, date]:
    """The first and last day of the period that ends with `day`, or of one so many before."""
    days = known.settings.volume.days
    last = day - timedelta(days=days * back)
    return last - timedelta(days=days - 1), last


def on_duty_of(
    counts: Mapping[date, int], duty: frozenset[date], day: date, known: Known
) -> tuple[int, int]:
    """How many of their looks were on days of duty: in the period, and in that a day before."""
    first, last = period_of(day, known)
    before = first - timedelta(days=1)
    now = sum(count for one, count in counts.items() if one in duty and first <= one <= last)
    earlier = sum(count for one, count in counts.items() if one in duty and before <= one < last)
    return now, earlier


def work_until(look: datetime, known: Known) -> datetime:
    """Until when work after a look counts."""
    return look + timedelta(days=known.settings.case.work_within_days)
