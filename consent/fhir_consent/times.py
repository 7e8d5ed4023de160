"""FHIR dates and times, which may be known to the year, month, day or second."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Span:
    """From the first moment up to, not including, the end; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the moment is in it."""
        return not self.is_over(at) and (self.start is None or self.start <= at)

    def is_over(self, at: datetime) -> bool:
        """Whether it ended before the moment."""
        return self.end is not None and self.end <= at

    def contains(self, other: "Span") -> bool:
        """Whether the whole of the other is in it."""
        starts = self.start is None or (other.start is not None and self.start <= other.start)
        ends = self.end is None or (other.end is not None and other.end <= self.end)
        return starts and ends

    def meets(self, other: "Span") -> bool:
        """Whether they have a moment in common."""
        return _begins_before(self, other) and _begins_before(other, self)


def _begins_before(one: Span, other: Span) -> bool:
    return one.start is None or other.end is None or one.start < other.end


def span_of(text: str) -> Span:
    """All that a FHIR date, dateTime or instant may mean. Raises ValueError.

    A time without a zone, which FHIR allows for dates only, is read in UTC.
    """
    if _YEAR.fullmatch(text):
        return Span(_utc(int(text), 1), _utc(int(text) + 1, 1))
    if month := _MONTH.fullmatch(text):
        year, number = int(month[1]), int(month[2])
        after = _utc(year + 1, 1) if number == _DECEMBER else _utc(year, number + 1)
        return Span(_utc(year, number), after)
    start = datetime.fromisoformat(text)
    known = start.astimezone(UTC) if start.tzinfo else start.replace(tzinfo=UTC)
    if _DAY.fullmatch(text):
        return Span(known, known + timedelta(days=1))
    # a period includes the moment that it ends with (FHIR R4, Period.end)
    step = timedelta(microseconds=1) if "." in text else timedelta(seconds=1)
    return Span(known, known + step)


def span_between(start: str | None, end: str | None) -> Span:
    """A FHIR Period, whose end is included. Raises ValueError."""
    first = span_of(start).start if start else None
    last = span_of(end).end if end else None
    return Span(first, last)


def _utc(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)
