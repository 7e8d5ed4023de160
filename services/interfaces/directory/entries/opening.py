"""When a service is open: the rules of RFC 5545 that its schedules give, worked out by dateutil.

A rule that cannot be read is no rule: the entry is shown without a time. Rules that began long ago
are moved on by whole periods first, as a stranger's feed may say that something began in 1900.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from dateutil import rrule

_DAY: Final = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_DAYS: Final = {
    "MO": rrule.MO,
    "TU": rrule.TU,
    "WE": rrule.WE,
    "TH": rrule.TH,
    "FR": rrule.FR,
    "SA": rrule.SA,
    "SU": rrule.SU,
}
_LONGEST_INTERVAL: Final = 24
_LOOK_AHEAD: Final = timedelta(days=400)
_MOST_RULES: Final = 50
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Times:
    """A rule that could be read: on which days, and from when to when on each."""

    frequency: str
    interval: int
    days: tuple[tuple[int | None, int], ...]
    days_of_month: tuple[int, ...]
    begins: date | None
    first: date | None
    last: date | None
    opens: time | None
    closes: time | None

    @property
    def weekdays(self) -> frozenset[int]:
        """On which days of the week it may be, Monday being 0; empty where any day may be one."""
        return frozenset(day for _, day in self.days)


def times_of(schedules: Iterable[Mapping[str, Any]]) -> tuple[Times, ...]:
    """The rules among schedules that can be read."""
    return tuple(filter(None, map(_read, islice(schedules, _MOST_RULES))))


def next_days(times: Iterable[Times], today: date, count: int) -> tuple[tuple[date, Times], ...]:
    """The next days on which it is open, today included, soonest first."""
    found = [(day, one) for one in times for day in islice(_days_from(one, today), count)]
    return tuple(sorted(found, key=lambda each: (each[0], each[1].opens or time()))[:count])


def _read(schedule: Mapping[str, Any]) -> Times | None:
    try:
        days = tuple(_days(schedule.get("byday") or ""))
        of_month = tuple(_days_of_month(schedule.get("bymonthday") or ""))
        begins = _date(schedule.get("dtstart"))
        frequency = schedule.get("freq") or ("WEEKLY" if days else "")
        interval = int(schedule.get("interval") or 1)
        if not frequency or not 1 <= interval <= _LONGEST_INTERVAL:
            return None
        if frequency == "WEEKLY" and not days:
            if begins is None:
                return None
            days = ((None, begins.weekday()),)
        if frequency == "MONTHLY" and not days and not of_month:
            if begins is None:
                return None
            of_month = (begins.day,)
        return Times(
            frequency,
            interval,
            days if frequency == "MONTHLY" else tuple((None, day) for _, day in days),
            of_month,
            begins,
            _date(schedule.get("valid_from")),
            _date(schedule.get("valid_to")),
            _time(schedule.get("opens_at")),
            _time(schedule.get("closes_at")),
        )
    except ValueError:
        return None


def _days_from(times: Times, today: date) -> Iterator[date]:
    first = max(filter(None, (today, times.first, times.begins)))
    last = min(times.last or date.max, today + _LOOK_AHEAD)
    if first > last:
        return
    rule = rrule.rrule(
        rrule.WEEKLY if times.frequency == "WEEKLY" else rrule.MONTHLY,
        interval=times.interval,
        byweekday=[
            _DAYS_BY_NUMBER[day](nth) if nth else _DAYS_BY_NUMBER[day] for nth, day in times.days
        ]
        or None,
        bymonthday=times.days_of_month or None,
        dtstart=datetime.combine(_moved_on(times, first), time()),
        until=datetime.combine(last, time()),
    )
    for moment in rule.xafter(datetime.combine(first, time()), inc=True):
        yield moment.date()


def _moved_on(times: Times, first: date) -> date:
    """The beginning of the period of the rule that `first` falls into, or of the one before."""
    begins = times.begins or times.first or first
    if begins >= first:
        return begins
    if times.frequency == "WEEKLY":
        monday = begins - timedelta(days=begins.weekday())
        period = timedelta(weeks=times.interval)
        return monday + (first - monday) // period * period
    months = (first.year - begins.year) * _MONTHS + first.month - begins.month
    moved = begins.month - 1 + months // times.interval * times.interval
    return date(begins.year + moved // _MONTHS, moved % _MONTHS + 1, 1)


def _days(text: str) -> Iterator[tuple[int | None, int]]:
    for part in filter(None, (part.strip() for part in text.upper().split(","))):
        found = _DAY.fullmatch(part)
        if found is None:
            raise ValueError("no day of the week")
        yield (int(found[1]) if found[1] else None, _DAYS[found[2]].weekday)


def _days_of_month(text: str) -> Iterator[int]:
    for part in filter(None, (part.strip() for part in text.split(","))):
        day = int(part)
        if not 1 <= abs(day) <= 31:  # noqa: PLR2004 days of a month
            raise ValueError("no day of a month")
        yield day


def _date(text: object) -> date | None:
    return date.fromisoformat(str(text)[:10]) if text else None


def _time(text: object) -> time | None:
    return time.fromisoformat(str(text).strip()).replace(tzinfo=None) if text else None


_DAYS_BY_NUMBER: Final = tuple(_DAYS.values())
