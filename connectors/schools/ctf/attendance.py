"""Attendance as a rate over a stated period, never the marks; and which schools a pupil goes to."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.schools.ctf.fields import CtfHeader, Fields
from schemas.attendance_codes import AttendanceClass, AttendanceCode
from schemas.records.message import Record
from schemas.records.payloads import (
    DUAL_SCHOOL,
    SCHOOL,
    FactStatus,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Period,
)
from schemas.vocabulary import Category, Label

# A run of marks, cut into the register's codes.
#
# Older files write one character a session. How the two-character codes of 2024 stand in newer
# ones is not published: both a plain run (`/\C1Y3`) and marks set apart (`/ \ C1 Y3`) are read.
# A digit is no mark, so it can only belong to the letter before it, and a run either falls into
# known codes in one way or cannot be cut at all: then nothing is guessed.

_NOT_MARKED = "-"
_APART = re.compile(r"[\s,;|]+")
_MARK = re.compile(r"[/\\A-Z#-][0-9]?")
_BY_MARK = {code.value: code for code in AttendanceCode}


def codes_from_marks(marks: str) -> dict[AttendanceCode, int] | None:
    """How often each code stands in the marks; None when they cannot be cut.

    A dash, which systems write where nobody has marked yet, is no code and is not counted.
    """
    run = _APART.sub(" ", marks.upper())
    cut = _MARK.findall(run)
    counted = Counter(cut)
    counted.pop(_NOT_MARKED, None)
    is_whole = sum(map(len, cut)) == len(run) - run.count(" ")
    if not is_whole or not counted.keys() <= _BY_MARK.keys():
        return None
    return {_BY_MARK[mark]: times for mark, times in counted.items()}


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
    start = marked.day("AttendanceStartDate") or str(year)
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


# The schools that a pupil goes to or went to.

_LOCATION = frozenset({Label.LOCATION})
_PREVIOUS = "P"
# Main and subsidiary of a dual registration, and guest: on the roll of another school as well.
_DUAL = frozenset({"M", "S", "G"})
_KEY = re.compile(r"[0-9A-Z]{1,8}")


def school_records(pupil: Fields, header: CtfHeader, *, key: str, ref: str) -> Iterator[Record]:
    """The school that sent the file, and each that its history names.

    Where the header names none (LEA XXX: the DfE wrote it) there is only the history. Raises
    UnreadableMessageError.
    """
    history = [(_code(s), s) for s in pupil.inside("SchoolHistory").each("School")]
    here = [school for code, school in history if code == header.school_code]
    basic = pupil.inside("BasicDetails")
    if header.is_from_school and (basic.element is not None or here or not header.is_partial):
        enrolment = _enrolment(basic, header, _latest(here))
        yield Record(f"{key}/enrolment", Category.EDUCATION, (ref,), enrolment, labels=_LOCATION)
    for number, (code, school) in enumerate(history, start=1):
        if code != header.school_code:
            entered = school.day("EntryDate") or f"at-{number}"
            source_id = f"{key}/school/{code or 'unnumbered'}/{entered}"
            yield Record(
                source_id, Category.EDUCATION, (ref,), _former(school, code), labels=_LOCATION
            )


def has_left_school(record: Record, day: str) -> bool:
    """Whether it is the school's own record that the pupil was there until that day at most."""
    if not record.source_id.endswith("/enrolment") or not isinstance(record.payload, Involvement):
        return False
    end = record.payload.period.end
    return end is not None and end <= day


def _enrolment(basic: Fields, header: CtfHeader, here: Fields | None) -> Involvement:
    """Of a pupil who has left without a day being given, the file's own is the latest possible."""
    entered = None if here is None else here.day("EntryDate")
    left = None if here is None else here.day("LeavingDate")
    if left is None and basic.text("EnrolStatus") == _PREVIOUS:
        left = header.sent_on
    is_dual = basic.text("EnrolStatus") in _DUAL
    is_open = left is None and here is not None and here.has_unreadable_day("LeavingDate")
    return Involvement(
        service=DUAL_SCHOOL if is_dual else SCHOOL,
        agency_code=header.school_code,
        agency_name=header.school_name,
        team=year_group_in_words(basic.text("NCyearActual")),
        period=Period(entered, left),
        status=FactStatus.UNKNOWN if is_open else FactStatus.HOLDS,
    )


_YEAR_GROUP_DIGITS = 2


def year_group_in_words(year: str | None) -> str | None:
    """A national curriculum year as people say it; None for what is none."""
    if year is None:
        return None
    if year.isascii() and year.isdigit() and len(year) <= _YEAR_GROUP_DIGITS:
        return f"Year {int(year)}"
    return {"R": "Reception", "N1": "Nursery", "N2": "Nursery"}.get(year.upper())


def _former(school: Fields, code: str | None) -> Involvement:
    return Involvement(
        service=SCHOOL,
        agency_code=code,
        agency_name=school.text("SchoolName"),
        period=Period(school.day("EntryDate"), school.day("LeavingDate")),
        status=_status_of_former(school),
    )


def _status_of_former(school: Fields) -> FactStatus:
    """Not known where there is a day of leaving that cannot be read: it may be over or to come."""
    is_open = school.has_unreadable_day("LeavingDate")
    return FactStatus.UNKNOWN if is_open else FactStatus.HOLDS


def _code(school: Fields) -> str | None:
    lea, estab = school.text("LEA"), school.text("Estab")
    code = f"{lea}{estab}" if lea and estab else ""
    return code if _KEY.fullmatch(code) else None


def _latest(schools: list[Fields]) -> Fields | None:
    return max(schools, key=lambda school: school.text("EntryDate") or "", default=None)
