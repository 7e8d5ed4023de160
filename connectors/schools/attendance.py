"""Attendance as a rate over a stated period; never the marks themselves."""

import re
from collections import Counter
from dataclasses import dataclass

from connectors.demographics import is_iso_date
from connectors.safe_xml import Element
from connectors.schools.header import text_of
from schemas.errors import UnreadableMessageError
from schemas.records.payloads import Occurrence, OccurrenceKind, Period

_FIELD = "Pupil/Attendance/YearData"
_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_COUNT = re.compile(r"[0-9]{1,5}")
_MARK = re.compile(r"([/\\A-Z#-])[0-9]?")
_PRESENT = frozenset("/\\LKVPWB")
_AUTHORISED = frozenset("CEIJMRST")
_UNAUTHORISED = frozenset("GNOU")


@dataclass(frozen=True, slots=True)
class Sessions:
    """Half days of one school year: how many there were and how many the pupil was there."""

    possible: int
    attended: int
    authorised: int | None
    unauthorised: int | None


def attendance_from_year_data(year_data: Element) -> Occurrence | None:
    """Attendance in one school year, None when nothing was counted; it does not name the school.

    Source: CTF, YearData; marks by SI 2024/208 regulation 10. Raises UnreadableMessageError.
    """
    sessions = _sessions_stated(year_data) or _sessions_from_marks(year_data)
    if sessions is None or sessions.possible == 0:
        return None
    if sessions.attended > sessions.possible:
        reason = f"contradicts:{_FIELD}/SessionsPossible"
        raise UnreadableMessageError(field=f"{_FIELD}/SessionsAttended", reason=reason)
    year = school_year_of(year_data)
    return Occurrence(
        kind=OccurrenceKind.ATTENDANCE,
        title=f"Attendance in the school year {year} to {int(year) + 1}",
        period=Period(start=_counted_from(year_data) or year),
        outcome=f"{100 * sessions.attended / sessions.possible:.1f}% of sessions attended",
        details=tuple(_details(sessions)),
    )


def _counted_from(year_data: Element) -> str | None:
    start = text_of(year_data, "AttendSessions/AttendanceStartDate")
    if start is not None and not is_iso_date(start):
        field = f"{_FIELD}/AttendSessions/AttendanceStartDate"
        raise UnreadableMessageError(field=field, reason="not-a-date")
    return start


def school_year_of(year_data: Element) -> str:
    """The calendar year in which the school year began; raises UnreadableMessageError."""
    year = text_of(year_data, "Year")
    if year is None or not _YEAR.fullmatch(year):
        reason = "missing" if year is None else "not-a-year"
        raise UnreadableMessageError(field=f"{_FIELD}/Year", reason=reason)
    return year


def _sessions_stated(year_data: Element) -> Sessions | None:
    possible = _count(year_data, "SessionsPossible")
    attended = _count(year_data, "SessionsAttended")
    if possible is None or attended is None:
        return None
    return Sessions(
        possible=possible,
        attended=attended,
        authorised=_count(year_data, "SessionsAuthorised"),
        unauthorised=_count(year_data, "SessionsUnauthorised"),
    )


def _count(year_data: Element, name: str) -> int | None:
    text = text_of(year_data, name)
    if text is None:
        return None
    if not _COUNT.fullmatch(text):
        raise UnreadableMessageError(field=f"{_FIELD}/{name}", reason="not-a-number")
    return int(text)


def _sessions_from_marks(year_data: Element) -> Sessions | None:
    """Count the marks: two characters (C1, Y3) as their letter, codes for no session not at all."""
    marks = text_of(year_data, "AttendSessions/AttendanceMarks")
    if marks is None:
        return None
    counted = Counter(_MARK.findall(marks.upper()))
    present = sum(counted[mark] for mark in _PRESENT)
    authorised = sum(counted[mark] for mark in _AUTHORISED)
    unauthorised = sum(counted[mark] for mark in _UNAUTHORISED)
    return Sessions(present + authorised + unauthorised, present, authorised, unauthorised)


def _details(sessions: Sessions) -> list[tuple[str, str]]:
    stated = [
        ("Sessions possible", sessions.possible),
        ("Sessions attended", sessions.attended),
        ("Authorised absence", sessions.authorised),
        ("Unauthorised absence", sessions.unauthorised),
    ]
    return [(label, str(count)) for label, count in stated if count is not None]
