"""Whether a mandated review was on time: worked out, said in words, and read back from them. Pure.

The five are those of the Office for Health Improvement and Disparities, health visitor service
delivery metrics, interim guidance 2024 to 2025 (DOMAIN section 2.1.5).
"""

import re
from calendar import month_name, monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from schemas.vocabulary import LabelledCode


class MandatedReview(LabelledCode):
    """A mandated review; the label is what the timeline calls it."""

    ANTENATAL = "antenatal", "Antenatal review"
    NEW_BIRTH = "new-birth", "New birth visit"
    SIX_TO_EIGHT_WEEKS = "six-to-eight-weeks", "6 to 8 week review"
    TWELVE_MONTHS = "twelve-months", "12 month review"
    TWO_YEARS = "two-years", "2 to 2½ year review"


# Days as people write them, as precise as they were sent.

_YEAR_AND_MONTH = 2


def day_in_words(text: str) -> str:
    """`2026-09-01…` as "1 September 2026", `2026-09` as "September 2026", `2026` as it is.

    `text` is a FHIR date or dateTime that exists.
    """
    year, *rest = text[: len("YYYY-MM-DD")].split("-")
    if not rest:
        return year
    month = month_name[int(rest[0])]
    return f"{int(rest[1])} {month} {year}" if len(rest) == _YEAR_AND_MONTH else f"{month} {year}"


# Whether a review was on time, in words.

_WEEK = timedelta(weeks=1)
# Pregnancy is counted as 40 weeks to the expected date.
_PREGNANCY = 40 * _WEEK
_LONGEST_PREGNANCY = 44 * _WEEK
_NOT_YET = timedelta(0)
_NO_LONGER_A_BABY = timedelta(days=365)
_COUNTED_IN_DAYS = 3 * _WEEK
_COUNTED_IN_WEEKS = 12 * _WEEK
_MONTHS_OF_A_YEAR = 12
_YEARS = range(1900, 2200)


@dataclass(frozen=True, slots=True)
class _Limit:
    """So long after birth."""

    words: str
    months: int = 0
    days: int = 0

    def after(self, born: date) -> date:
        return months_after(born, self.months) + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class _Window:
    """From when, where that matters, and until when; a second limit is late but still counted."""

    closes: tuple[_Limit, ...]
    opens: _Limit | None = None


_WINDOWS = {
    MandatedReview.NEW_BIRTH: _Window((_Limit("14 days", days=14),)),
    MandatedReview.SIX_TO_EIGHT_WEEKS: _Window(
        (_Limit("8 weeks", days=56),), opens=_Limit("6 weeks", days=42)
    ),
    MandatedReview.TWELVE_MONTHS: _Window(
        (_Limit("12 months", months=12), _Limit("15 months", months=15))
    ),
    MandatedReview.TWO_YEARS: _Window(
        (_Limit("2½ years", months=30),), opens=_Limit("2 years", months=24)
    ),
}

ON_TIME_MEANS: Mapping[MandatedReview, str] = {
    MandatedReview.ANTENATAL: "from 28 weeks of pregnancy until the birth",
    MandatedReview.NEW_BIRTH: "within 14 days of birth",
    MandatedReview.SIX_TO_EIGHT_WEEKS: "from 6 to 8 weeks after birth",
    MandatedReview.TWELVE_MONTHS: "by 12 months of age",
    MandatedReview.TWO_YEARS: "from 2 to 2½ years of age",
}
"""The same windows for people."""


@dataclass(frozen=True, slots=True, repr=False)
class EncounterDates:
    """What is known of when: each ISO 8601 as precise as it was sent, or None."""

    visited: str | None
    born: str | None = None
    expected: str | None = None


def timeliness(review: MandatedReview, dates: EncounterDates) -> str | None:
    """On time, early or late by the review's window; None where a day it needs is not known.

    Windows: antenatal from 28 weeks until birth; new birth within 14 days; 6 to 8 weeks; by 12
    months (late, but counted, by 15); from 2 to 2½ years (DOMAIN section 2.1.5).
    """
    visited, born, expected = map(_day, (dates.visited, dates.born, dates.expected))
    if visited is None:
        return None
    if review is MandatedReview.ANTENATAL:
        return _of_antenatal(visited, born, expected)
    return None if born is None or visited < born else _after_birth(review, visited, born)


def window_of(review: MandatedReview, born: date) -> tuple[date | None, date]:
    """From which day, where that matters, until which day a review after birth is on time.

    Raises KeyError for the antenatal one, whose window ends with the birth.
    """
    window = _WINDOWS[review]
    opens = None if window.opens is None else window.opens.after(born)
    return opens, window.closes[0].after(born)


def age_in_words(born: str | None, on: str | None) -> str | None:
    """How old somebody was on a day; None where either day is not known or the first is later."""
    birth, day = _day(born), _day(on)
    return None if birth is None or day is None or day < birth else _age(birth, day)


def is_at_six_to_eight_weeks(born: str | None, on: str | None) -> bool:
    """Whether somebody was 6 to 8 weeks old on a day."""
    birth, day = _day(born), _day(on)
    return birth is not None and day is not None and 6 * _WEEK <= day - birth <= 8 * _WEEK


def _of_antenatal(visited: date, born: date | None, expected: date | None) -> str | None:
    """The visit is to the mother: a birth date long before it is hers and says nothing."""
    if born is not None and _NOT_YET < visited - born < _NO_LONGER_A_BABY:
        return "Late: after the birth"
    if expected is None:
        return None
    passed = _PREGNANCY - (expected - visited)
    if not _NOT_YET <= passed <= _LONGEST_PREGNANCY:
        return None
    when = f"at {_counted(passed // _WEEK, 'week')} of pregnancy"
    when = f"{when}, unborn, expected on {day_in_words(expected.isoformat())}"
    return f"Early, before 28 weeks: {when}" if passed < 28 * _WEEK else f"On time: {when}"


def _after_birth(review: MandatedReview, visited: date, born: date) -> str:
    window, age = _WINDOWS[review], _age(born, visited)
    if window.opens is not None and visited < window.opens.after(born):
        return f"Early, before {window.opens.words}: at {age}"
    passed = [limit for limit in window.closes if visited > limit.after(born)]
    return f"Late, after {passed[-1].words}: at {age}" if passed else f"On time: at {age}"


def _age(born: date, on: date) -> str:
    """Days in the first three weeks, weeks and days in the first twelve, then months and days."""
    age = on - born
    if age < _COUNTED_IN_DAYS:
        return _counted(age.days, "day")
    if age < _COUNTED_IN_WEEKS:
        weeks, days = divmod(age.days, _WEEK.days)
        return _counted(weeks, "week") + (f" {_counted(days, 'day')}" if days else "")
    months = (on.year - born.year) * _MONTHS_OF_A_YEAR + on.month - born.month
    months -= on < months_after(born, months)
    days_over = (on - months_after(born, months)).days
    return _counted(months, "month") + (f" {_counted(days_over, 'day')}" if days_over else "")


def months_after(day: date, months: int) -> date:
    """The same day so many months later; the last of a month that has no such day."""
    year, month = divmod(day.year * _MONTHS_OF_A_YEAR + day.month - 1 + months, _MONTHS_OF_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" + ("" if number == 1 else "s")


def _day(text: str | None) -> date | None:
    """The day of a date or dateTime; None for one that is less precise, or of no living child."""
    try:
        day = date.fromisoformat((text or "")[:10])
    except ValueError:
        return None
    return day if day.year in _YEARS else None


# The same, back from the words: what is stored and shown says them, and no number beside them.

TIMELINESS = "Timeliness"
"""Under which label a review says it."""
TIMELINESS_NOT_KNOWN = "Not known: a date is missing"


class Punctuality(LabelledCode):
    """What the words come to."""

    ON_TIME = "on-time", "On time"
    EARLY = "early", "Early"
    LATE = "late", "Late"
    NOT_KNOWN = "not-known", "Not known"


_SAID = re.compile(r"(?P<said>On time|Early|Late)\b[^:]*:(?: at (?P<age>.*))?")
_IN_WEEKS = re.compile(r"(?:(?P<weeks>\d+) weeks?)? ?(?:(?P<days>\d+) days?)?")
_IN_MONTHS = re.compile(r"\d+ months?(?: \d+ days?)?")
_PUNCTUALITY = {one.label: one for one in Punctuality}


@dataclass(frozen=True, slots=True)
class ToldTimeliness:
    """Whether it was on time, and how many days after birth; None where that is not said.

    Of what is said in months it is known that it is AGE_IN_MONTHS days or more, and so it is those.
    """

    punctuality: Punctuality
    days: int | None = None


AGE_IN_MONTHS = _COUNTED_IN_WEEKS.days


def read_timeliness(words: str | None) -> ToldTimeliness:
    """What `timeliness` said in these words; of any others, that it is not known."""
    found = _SAID.match(words or "")
    if found is None:
        return ToldTimeliness(Punctuality.NOT_KNOWN)
    return ToldTimeliness(_PUNCTUALITY[found["said"]], _days_of_age(found["age"] or ""))


def _days_of_age(age: str) -> int | None:
    if _IN_MONTHS.fullmatch(age):
        return AGE_IN_MONTHS
    found = _IN_WEEKS.fullmatch(age) if age else None
    if found is None:
        return None
    return int(found["weeks"] or 0) * _WEEK.days + int(found["days"] or 0)
