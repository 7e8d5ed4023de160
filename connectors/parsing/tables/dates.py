"""Days as spreadsheets write them: the forms of Excel and of exports, serials, two-digit years."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Final

_TIME: Final = r"(?:[T ]+(?:00:00(?::00(?:\.0+)?)?(?:Z|\+00:00)?|12:00(?::00)? ?AM))?"
"""Midnight alone: at any other hour the day may be the one before or after, in another zone."""
_WEEKDAY: Final = r"(?:(?:MON|TUE|WED|THU|FRI|SAT|SUN)[A-Z]*\.?,? )?"
_BETWEEN: Final = r"(?: |-|/|\.|, ?)"
_DAY: Final = r"(?P<day>[0-9]{1,2})"
_NTH: Final = rf"{_DAY}(?:ST|ND|RD|TH)?"
_FIGURES: Final = r"(?P<month>[0-9]{1,2})"
_WORD: Final = r"(?P<month>[A-Z]{3,9})\.?"
_FULL_YEAR: Final = r"(?P<year>[0-9]{4})"
_SOME_YEAR: Final = r"(?P<year>[0-9]{4}|[0-9]{2})"
_FORMS = (
    re.compile(rf"{_FULL_YEAR}[-/.]{_FIGURES}[-/.]{_DAY}{_TIME}"),
    re.compile(rf"{_FULL_YEAR}-{_WORD}-{_DAY}{_TIME}"),
    re.compile(rf"{_WEEKDAY}{_DAY}[/.-]{_FIGURES}[/.-]{_SOME_YEAR}{_TIME}"),
    re.compile(rf"{_WEEKDAY}{_NTH}{_BETWEEN}{_WORD}{_BETWEEN}{_SOME_YEAR}{_TIME}"),
    re.compile(rf"{_WEEKDAY}{_WORD} {_NTH},? {_FULL_YEAR}{_TIME}"),
)
_SERIAL = re.compile(r"([0-9]{5})(?:\.0+)?")
_DAY_NOUGHT: Final = date(1899, 12, 30)
"""Excel counts from here in every year after 1900, which it takes for a leap year."""
_NAMES = (
    *("january", "february", "march", "april", "may", "june", "july", "august", "september"),
    *("october", "november", "december"),
)
_MONTHS: Mapping[str, int] = MappingProxyType(
    {name.upper(): number for number, name in enumerate(_NAMES, start=1)}
    | {name[:3].upper(): number for number, name in enumerate(_NAMES, start=1)}
    | {"SEPT": 9}
)


def day_of(text: str, *, latest_year: int) -> date | None:
    """The day that a cell means; None for what is no day.

    The day comes before the month, as it does in this country, unless the month is a word. A year
    of two digits is the latest of that ending which is not after `latest_year`. Five digits are
    Excel's count of days.
    """
    written = text.upper()
    try:
        if found := _SERIAL.fullmatch(written):
            return _DAY_NOUGHT + timedelta(days=int(found[1]))
        parts = next((m.groupdict() for form in _FORMS if (m := form.fullmatch(written))), None)
        if parts is None:
            return None
        month = _MONTHS.get(parts["month"]) or int(parts["month"])
        return date(_year(parts["year"], latest_year), month, int(parts["day"]))
    except ValueError:
        return None


def _year(digits: str, latest_year: int) -> int:
    if len(digits) > 2:  # noqa: PLR2004 two of four
        return int(digits)
    year = latest_year - latest_year % 100 + int(digits)
    return year if year <= latest_year else year - 100
