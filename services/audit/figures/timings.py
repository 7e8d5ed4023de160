"""How long from a no to the first refusal, and to the purge: median, 95 in 100, worst. Pure.

The first look after a withdrawal is when the no was first put to the test: it may be days later,
and says nothing of how fast the service is. So it is told beside how many looks the withdrawn
decision still let through, which has to be none.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

_MEDIAN, _OFTEN = 0.5, 0.95


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """One withdrawal; when somebody first looked afterwards, and when what was stored was purged.

    `still_let_through`: that look rested on what had been withdrawn.
    """

    decision: str
    at: datetime
    looked_at: datetime | None = None
    purged_at: datetime | None = None
    still_let_through: bool = False


@dataclass(frozen=True, slots=True)
class Lasted:
    """How long something took, of how many; None where there were none."""

    number: int
    median: timedelta | None = None
    often: timedelta | None = None
    worst: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Timings:
    """How a no worked over a time. `slowest` are the withdrawals that took longest to purge.

    `untested` is how many nobody has looked after yet, `unpurged` of how many no purge is entered:
    where nothing was stored there is nothing to purge.
    """

    withdrawals: int
    to_refusal: Lasted
    to_purge: Lasted
    untested: int
    unpurged: int
    still_let_through: tuple[str, ...]
    slowest: tuple[Withdrawn, ...]


def timings_of(withdrawals: Sequence[Withdrawn], *, slowest: int = 10) -> Timings:
    """Put them together."""
    tested = [w for w in withdrawals if w.looked_at is not None and not w.still_let_through]
    purged = [w for w in withdrawals if w.purged_at is not None]
    worst = sorted(purged, key=lambda w: (w.purged_at or w.at) - w.at, reverse=True)
    return Timings(
        withdrawals=len(withdrawals),
        to_refusal=lasted((w.looked_at or w.at) - w.at for w in tested),
        to_purge=lasted((w.purged_at or w.at) - w.at for w in purged),
        untested=sum(w.looked_at is None for w in withdrawals),
        unpurged=len(withdrawals) - len(purged),
        still_let_through=tuple(w.decision for w in withdrawals if w.still_let_through),
        slowest=tuple(worst[:slowest]),
    )


def shown_lasted(told: Lasted, *, fewest: int) -> Lasted | None:
    """What may be told of it beside figures; None where it is of so few that they are somebody."""
    return told if told.number >= fewest else None


def lasted(times: Iterable[timedelta]) -> Lasted:
    """Median, 95th percentile (the nearest of those there are) and worst."""
    ordered = sorted(times)
    if not ordered:
        return Lasted(0)
    return Lasted(len(ordered), _nearest(ordered, _MEDIAN), _nearest(ordered, _OFTEN), ordered[-1])


def _nearest(ordered: Sequence[timedelta], share: float) -> timedelta:
    return ordered[max(0, ceil(share * len(ordered)) - 1)]
