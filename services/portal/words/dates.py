"""Dates, times, ages and periods in words, by the clocks of the United Kingdom.

Nothing is guessed: a year stays a year.
"""

from datetime import UTC, date, datetime

from schemas.records.payloads import Period
from schemas.uk_time import to_uk_time, uk_day

NO_DATE = "Date not given"
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_WEEKS_COUNT_UNTIL_DAYS = 56
_MONTHS_COUNT_UNTIL_YEARS = 2


def day_in_words(text: str | None) -> str:
    """Write ISO 8601 text as a day, as precise as it is: "22 November 2026"; NO_DATE for None."""
    if not text:
        return NO_DATE
    try:
        if "T" in text:
            return _day(_day_of_moment(text))
        match [int(part) for part in text.split("-")]:
            case [year, month, day]:
                return _day(date(year, month, day))
            case [year, month]:
                return f"{_MONTHS[month - 1]} {year}"
            case [year]:
                return str(year)
    except (ValueError, IndexError):
        pass
    return text


def date_in_words(day: date) -> str:
    """Write a day: "22 November 2026"."""
    return _day(day)


def moment_in_words(moment: datetime) -> str:
    """Write an aware time as clocks in the United Kingdom show it: "… at 10:20am"."""
    local = to_uk_time(moment)
    hour = local.hour % 12 or 12
    half = "am" if local.hour < 12 else "pm"  # noqa: PLR2004
    return f"{_day(local.date())} at {hour}:{local.minute:02d}{half}"


def time_of_day(moment: datetime) -> str:
    """The time on a clock in this country: "14:05"."""
    return f"{to_uk_time(moment):%H:%M}"


def uk_day_in_words(moment: datetime) -> str:
    """Write the day on which an aware time falls in the United Kingdom."""
    return _day(uk_day(moment))


def age_in_words(born: str | None, on: date) -> str | None:
    """Write the age on a day as people say it; None when the day of birth is not known."""
    try:
        birthday = date.fromisoformat(born or "")
    except ValueError:
        return None
    days = (on - birthday).days
    if days < 0:
        return None
    months = _whole_months(birthday, on)
    if days < 14:  # noqa: PLR2004
        return _count(days, "day")
    if days < _WEEKS_COUNT_UNTIL_DAYS:
        return _count(days // 7, "week")
    if months < 12 * _MONTHS_COUNT_UNTIL_YEARS:
        return _count(months, "month")
    return _count(months // 12, "year")


def period_in_words(period: Period, *, is_to_come: bool = False) -> str:
    """Write from when until when; empty when neither end is known."""
    if period.start and period.end:
        if period.start == period.end:
            return day_in_words(period.start)
        return f"{day_in_words(period.start)} to {day_in_words(period.end)}"
    if period.start:
        return f"{'from' if is_to_come else 'since'} {day_in_words(period.start)}"
    return f"until {day_in_words(period.end)}" if period.end else ""


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def _day_of_moment(text: str) -> date:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return uk_day(moment)


def _whole_months(start: date, end: date) -> int:
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if end.day >= start.day else months - 1


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
