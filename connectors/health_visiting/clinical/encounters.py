"""What messages about an encounter say: when, where, with whom; which review, and if on time. Pure.

The five mandated reviews are those of the Office for Health Improvement and Disparities, health
visitor service delivery metrics, interim guidance 2024 to 2025 (DOMAIN section 2.1.5).
"""

import re
from calendar import month_name, monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from connectors.health_visiting.nems.message import NemsMessage
from connectors.health_visiting.nems.nodes import (
    Node,
    child,
    children,
    coding_of,
    codings_of,
    descend,
    may_be_practitioner,
    value,
)
from connectors.health_visiting.nems.statuses import status_of
from connectors.health_visiting.nems.whose import stated
from connectors.health_visiting.persons.people import display_name
from schemas.records.payloads import Coding, FactStatus
from schemas.vocabulary import LabelledCode

# SNOMED has a code for each of the five. The guidance does not say which, so a code that is not in
# the table counts only by the words that go with it.


class MandatedReview(LabelledCode):
    """A mandated review; the label is what the timeline calls it."""

    ANTENATAL = "antenatal", "Antenatal review"
    NEW_BIRTH = "new-birth", "New birth visit"
    SIX_TO_EIGHT_WEEKS = "six-to-eight-weeks", "6 to 8 week review"
    TWELVE_MONTHS = "twelve-months", "12 month review"
    TWO_YEARS = "two-years", "2 to 2½ year review"


# The metrics count some reviews twice, by their timing or by what they included.
_CODES = {
    "C1": MandatedReview.ANTENATAL,
    "C2": MandatedReview.NEW_BIRTH,
    "C3": MandatedReview.NEW_BIRTH,
    "C8I": MandatedReview.SIX_TO_EIGHT_WEEKS,
    "C8II": MandatedReview.SIX_TO_EIGHT_WEEKS,
    "C4": MandatedReview.TWELVE_MONTHS,
    "C5": MandatedReview.TWELVE_MONTHS,
    "C6I": MandatedReview.TWO_YEARS,
    "C6II": MandatedReview.TWO_YEARS,
}
_TO = r" ?(?:-|–|to) ?"
_AND_A_HALF = r"(?:½|\.5|1/2| ?1/2| and a half)"
_VISIT = r".*\b(?:review|visit|assessment|check|contact)\b"
_WORDS = {
    # A midwife's antenatal contacts are not meant: it has to be named as this one.
    MandatedReview.ANTENATAL: r"\bantenatal (?:health|review)|\bhealth visit\w* antenatal\b",
    MandatedReview.NEW_BIRTH: r"\bnew birth (?:visit|review)\b",
    MandatedReview.SIX_TO_EIGHT_WEEKS: rf"\b(?:6{_TO}8|six{_TO}eight)[ -]weeks?\b{_VISIT}",
    MandatedReview.TWELVE_MONTHS: rf"\b(?:12[ -]months?|(?:1|one)[ -]years?)\b{_VISIT}",
    MandatedReview.TWO_YEARS: rf"\b(?:2|two)(?:{_TO}(?:2|two){_AND_A_HALF}?)?[ -]years?\b{_VISIT}",
}
_PATTERNS = {review: re.compile(words) for review, words in _WORDS.items()}


def review_named(codings: Iterable[Coding]) -> MandatedReview | None:
    """The review that the codings of an encounter's type name, if it is one of the five."""
    stated = list(codings)
    by_code = (_CODES.get(coding.code.strip().upper()) for coding in stated)
    by_words = (_review_in_words(coding.display.casefold()) for coding in stated)
    return next((found for found in (*by_code, *by_words) if found), None)


def _review_in_words(words: str) -> MandatedReview | None:
    found = [review for review, pattern in _PATTERNS.items() if pattern.search(words)]
    return found[0] if len(found) == 1 else None


def types_of(encounter: Node) -> Iterator[Coding]:
    """Every coding of the encounter's types, and those that are named in words alone."""
    for concept in children(encounter, "type"):
        yield from codings_of(concept)
        yield from _named_without_code(concept)


def type_of(encounter: Node) -> Coding | None:
    """What the encounter was: of its types the first that has words, also without a code."""
    types = [
        kind
        for concept in children(encounter, "type")
        for kind in (coding_of(concept), *_named_without_code(concept))
        if kind is not None
    ]
    return min(types, key=lambda kind: kind.display == kind.code, default=None)


def _named_without_code(concept: Node) -> Iterator[Coding]:
    """A type that is named in words alone; its code is empty."""
    text = None if coding_of(concept) else value(concept, "text")
    if text is not None:
        yield Coding("", "", text)


def review_of(encounter: Node) -> MandatedReview | None:
    """The mandated review that the encounter was, if it was one."""
    return review_named(types_of(encounter))


def status_of_encounter(message: NemsMessage, encounter: Node) -> FactStatus:
    """Whether the encounter took place, is to, or did not."""
    return status_of("Encounter", encounter, message.day)


def agency_name_of(message: NemsMessage, encounter: Node) -> str | None:
    """The organisation that provided the encounter, else the one responsible for the message."""
    for reference in (child(encounter, "serviceProvider"), child(message.header, "responsible")):
        name = value(message.resolve(reference), "name") or value(reference, "display")
        if name is not None:
            return name
    return None


def practitioner_name_of(message: NemsMessage, encounter: Node) -> str | None:
    """Who met the person: who took part, else who performed what was done or wrote it down.

    Several who took part stand behind one another; who did not may only have come to write.
    """
    took_part = [child(one, "individual") for one in children(encounter, "participant")]
    named = dict.fromkeys(name for one in took_part if (name := _name_of(message, one)))
    if named:
        return ", ".join(named)
    others = (_name_of(message, one) for one in _who_performed(message))
    return next((name for name in others if name), None)


def _who_performed(message: NemsMessage) -> Iterator[Node | None]:
    yield from (descend(one, "performer", "actor") for one in stated(message, "Procedure"))
    yield from (child(one, "performer") for one in stated(message, "Observation"))
    yield from (child(one, "author") for one in stated(message, "QuestionnaireResponse"))


def _name_of(message: NemsMessage, reference: Node | None) -> str | None:
    """The name of a practitioner in the message, or as somebody refers to one who is not."""
    found = message.resolve(reference)
    if message.is_of_type(found, "PractitionerRole"):
        reference = child(found or {}, "practitioner")
        found = message.resolve(reference)
    if message.is_of_type(found, "Practitioner"):
        return display_name(found, message.day) or value(reference, "display")
    return value(reference, "display") if found is None and may_be_practitioner(reference) else None


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
        return _months_after(born, self.months) + timedelta(days=self.days)


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
    months -= on < _months_after(born, months)
    days_over = (on - _months_after(born, months)).days
    return _counted(months, "month") + (f" {_counted(days_over, 'day')}" if days_over else "")


def _months_after(day: date, months: int) -> date:
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
