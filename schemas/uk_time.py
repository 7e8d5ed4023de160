"""The time on the clocks of the United Kingdom, and the days that they tell.

A day that somebody writes down is a day there: "until 30 June" is until midnight British Summer
Time. Written out, because a bare machine has no time-zone database.
"""

from datetime import MINYEAR, UTC, date, datetime, time, timedelta
from functools import lru_cache

_SUNDAY = 6
_HOUR = timedelta(hours=1)
_LAST_MOMENT = time(23, 59, 59)
_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


def to_uk_time(moment: datetime) -> datetime:
    """Move an aware time to what clocks in the United Kingdom show then.

    Summer time runs from the last Sunday of March to the last of October, 1am Greenwich time
    (Summer Time Order 2002). One that would lie outside the calendar is its first or last moment:
    sources write such times, and what they mean by them is for others to doubt.
    """
    utc = _in_utc(moment)
    is_summer = _last_sunday(utc.year, 3) <= utc < _last_sunday(utc.year, 10)
    return utc + _HOUR if is_summer else utc


def uk_day(moment: datetime) -> date:
    """The day on which an aware time falls."""
    return to_uk_time(moment).date()


def first_moment(day: date) -> datetime:
    """When a day begins, in UTC."""
    return when_clocks_show(datetime.combine(day, time()))


def last_moment(day: date) -> datetime:
    """The last second of a day, in UTC: what holds until then holds on that day."""
    return when_clocks_show(datetime.combine(day, _LAST_MOMENT))


def day_before_now(day: date, *, now: datetime) -> datetime | None:
    """When something was of which only the day is told: from its beginning; None of today.

    Today it was some time until now, and whoever says so means now.
    """
    return None if day == uk_day(now) else first_moment(day)


def when_clocks_show(shown: datetime) -> datetime:
    """The time in UTC at which clocks show this; the earlier of two, in the night they go back.

    In the hour that they leave out in spring, what they showed before goes on being counted.
    """
    told = shown.replace(tzinfo=UTC)
    if told < _BEGINNING + _HOUR:
        return told
    earlier = told - _HOUR
    return earlier if to_uk_time(earlier) == told else told


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return _BEGINNING if moment.year == MINYEAR else _END


@lru_cache(maxsize=64)
def _last_sunday(year: int, month: int) -> datetime:
    last_day = datetime(year, month, 31, 1, tzinfo=UTC)
    return last_day - timedelta(days=(last_day.weekday() - _SUNDAY) % 7)
