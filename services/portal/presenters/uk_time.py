"""The time on the clocks of the United Kingdom."""

from datetime import UTC, datetime, timedelta

_SUNDAY = 6


def to_uk_time(moment: datetime) -> datetime:
    """Move an aware time to what clocks in the United Kingdom show then.

    Summer time runs from the last Sunday of March to the last of October, 1am Greenwich time
    (Summer Time Order 2002). Written out, because a bare machine has no time-zone database.
    """
    utc = moment.astimezone(UTC)
    is_summer = _last_sunday(utc.year, 3) <= utc < _last_sunday(utc.year, 10)
    return utc + timedelta(hours=1) if is_summer else utc


def _last_sunday(year: int, month: int) -> datetime:
    last_day = datetime(year, month, 31, 1, tzinfo=UTC)
    return last_day - timedelta(days=(last_day.weekday() - _SUNDAY) % 7)
