"""The life of a decision as a picture: when it was in force, looks that rest on it, refusals since.

Only coordinates and words: the template draws. The tables beside it say the same in figures.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from schemas.uk_time import uk_day
from services.audit.decisions.postgres_lives import DecisionLife
from services.portal.words.dates import date_in_words

LEFT, WIDE, HIGH = 110, 780, 26
_BAR = 6
_TICKS = 4


@dataclass(frozen=True, slots=True)
class Mark:
    """Something on the line of days: where it begins, how wide it is, how high."""

    x: int
    width: int
    height: int
    text: str = ""


@dataclass(frozen=True, slots=True)
class LifePicture:
    """What is drawn; `told` says it in words for whoever does not see it."""

    ticks: tuple[Mark, ...]
    in_force: Mark
    through: tuple[Mark, ...]
    refused: tuple[Mark, ...]
    told: str


def picture_of(life: DecisionLife, today: date) -> LifePicture:
    """The picture, from when it was known until today; until its end where that is to come."""
    first = uk_day(life.decision.known_at)
    last = max(today, first + timedelta(days=1))
    over = last if life.ended_at is None else max(uk_day(life.ended_at), first)
    days = (over - first).days
    most = max((max(one.through, one.refused) for one in life.by_day), default=1) or 1

    def x(day: date) -> int:
        return LEFT + WIDE * (day - first).days // (last - first).days

    def bar(day: date, number: int) -> Mark:
        return Mark(min(x(day), LEFT + WIDE - _BAR), _BAR, max(3, HIGH * number // most))

    lasted = "1 day" if days <= 1 else f"{days} days"
    held = Mark(x(first), max(_BAR, x(over) - x(first)), HIGH, lasted)
    ticks = sorted({first + (last - first) * n // _TICKS for n in range(_TICKS + 1)})
    through = sum(one.through for one in life.by_day)
    refused = sum(one.refused for one in life.by_day)
    return LifePicture(
        tuple(Mark(x(day), 0, 0, date_in_words(day).rpartition(" ")[0]) for day in ticks),
        held,
        tuple(bar(one.day, one.through) for one in life.by_day if one.through),
        tuple(bar(one.day, one.refused) for one in life.by_day if one.refused),
        f"On record from {date_in_words(first)} to {date_in_words(over)}. "
        f"Looks that rest on it: {through}. Refused since its end: {refused}.",
    )
