"""Attendance as a rate over a stated period; never the marks themselves."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.schools.fields import Fields
from connectors.schools.header import CtfHeader
from connectors.schools.marks import codes_from_marks
from schemas.attendance_codes import AttendanceClass
from schemas.records.message import Record
from schemas.records.payloads import Occurrence, OccurrenceKind, Period
from schemas.vocabulary import Category

_YEAR = re.compile(r"(?:19|20)[0-9]{2}")
_COUNT = re.compile(r"[0-9]{1,5}")
_NOTHING_COUNTED = dict.fromkeys(AttendanceClass, 0)
_ATTENDED = tuple(one for one in AttendanceClass if one.is_attended)
_NOT_COUNTED = "Not counted: the marks in the school's file could not be read"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Half days of one school year: how many there were and how many the pupil was there."""

    possible: int
    attended: int
    authorised: int | None
    unauthorised: int | None


def attendance_records(pupil: Fields, header: CtfHeader, *, key: str, ref: str) -> Iterator[Record]:
    """Attendance in each school year at each school; it does not name the school.

    Source: CTF, Attendance/YearData. Raises UnreadableMessageError.
    """
    for year_data in pupil.inside("Attendance").each("YearData"):
        year = _school_year(year_data)
        attendance = _attendance(year_data, year, header)
        if attendance is not None:
            school = _school(year_data, header)
            source_id = f"{key}/attendance/{year}/{school}"
            yield Record(source_id, Category.EDUCATION, (ref,), attendance)


def _attendance(year_data: Fields, year: int, header: CtfHeader) -> Occurrence | None:
    """None when no session was counted. Marks that cannot be cut say so instead of a rate."""
    marked = year_data.inside("AttendSessions")
    sessions = _sessions_stated(year_data)
    if sessions is None and marked.has("AttendanceMarks"):
        sessions = _sessions_from_marks(" ".join(marked.inside("AttendanceMarks").texts()))
        if sessions is None:
            return _occurrence(year, marked, header, outcome=_NOT_COUNTED)
    if sessions is None or sessions.possible == 0:
        return None
    if sessions.attended > sessions.possible:
        contradicted = f"contradicts:{year_data.path}/SessionsPossible"
        raise year_data.refusal("SessionsAttended", contradicted)
    rate = 100 * sessions.attended / sessions.possible
    return _occurrence(
        year,
        marked,
        header,
        outcome=f"{rate:.1f}% of sessions attended",
        details=tuple(_details(sessions)),
    )


def _occurrence(
    year: int,
    marked: Fields,
    header: CtfHeader,
    *,
    outcome: str,
    details: tuple[tuple[str, str], ...] = (),
) -> Occurrence:
    start = marked.date("AttendanceStartDate") or str(year)
    return Occurrence(
        kind=OccurrenceKind.ATTENDANCE,
        title=f"Attendance in the school year {year} to {year + 1}",
        period=Period(start, _counted_until(year, header)),
        outcome=outcome,
        details=details,
    )


def _counted_until(year: int, header: CtfHeader) -> str:
    """The day of the file while the school year lasts, the year in which it ended afterwards."""
    in_course = f"{year}-09-01" <= header.sent_on <= f"{year + 1}-08-31"
    return header.sent_on if in_course else str(year + 1)


def _school_year(year_data: Fields) -> int:
    """The calendar year in which the school year began."""
    year = year_data.text("Year")
    if year is None or not _YEAR.fullmatch(year):
        raise year_data.refusal("Year", "missing" if year is None else "not-a-year")
    return int(year)


def _school(year_data: Fields, header: CtfHeader) -> str:
    """The school that counted: a pupil who moved has two in one year."""
    lea, estab = year_data.text("LEA"), year_data.text("Estab")
    return f"{lea}{estab}" if lea and estab else header.school_code


def _sessions_stated(year_data: Fields) -> Sessions | None:
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


def _count(year_data: Fields, name: str) -> int | None:
    text = year_data.text(name)
    if text is None:
        return None
    if not _COUNT.fullmatch(text):
        raise year_data.refusal(name, "not-a-number")
    return int(text)


def _sessions_from_marks(marks: str) -> Sessions | None:
    codes = codes_from_marks(marks)
    if codes is None:
        return None
    classes = _NOTHING_COUNTED.copy()
    for code, times in codes.items():
        classes[code.counts_as] += times
    attended = sum(classes[one] for one in _ATTENDED)
    authorised = classes[AttendanceClass.AUTHORISED_ABSENCE]
    unauthorised = classes[AttendanceClass.UNAUTHORISED_ABSENCE]
    return Sessions(attended + authorised + unauthorised, attended, authorised, unauthorised)


def _details(sessions: Sessions) -> Iterator[tuple[str, str]]:
    stated = (
        ("Sessions possible", sessions.possible),
        ("Sessions attended", sessions.attended),
        ("Authorised absence", sessions.authorised),
        ("Unauthorised absence", sessions.unauthorised),
    )
    yield from ((label, str(count)) for label, count in stated if count is not None)
