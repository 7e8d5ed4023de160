"""The schools that a pupil goes to or went to."""

import re
from collections.abc import Iterator

from connectors.schools.fields import Fields
from connectors.schools.header import CtfHeader
from schemas.records.message import Record
from schemas.records.payloads import Involvement, Period
from schemas.vocabulary import Category, Label

_LOCATION = frozenset({Label.LOCATION})
_PREVIOUS = "P"
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
            entered = school.date("EntryDate") or f"at-{number}"
            source_id = f"{key}/school/{code or 'unnumbered'}/{entered}"
            yield Record(
                source_id, Category.EDUCATION, (ref,), _former(school, code), labels=_LOCATION
            )


def _enrolment(basic: Fields, header: CtfHeader, here: Fields | None) -> Involvement:
    """Of a pupil who has left without a day being given, the file's own is the latest possible."""
    entered = None if here is None else here.date("EntryDate")
    left = None if here is None else here.date("LeavingDate")
    if left is None and basic.text("EnrolStatus") == _PREVIOUS:
        left = header.sent_on
    return Involvement(
        service="School",
        agency_code=header.school_code,
        agency_name=header.school_name,
        team=year_group_in_words(basic.text("NCyearActual")),
        period=Period(entered, left),
    )


def year_group_in_words(year: str | None) -> str | None:
    """A national curriculum year as people say it; None for what is none."""
    if year is None:
        return None
    if year.isascii() and year.isdigit():
        return f"Year {int(year)}"
    return {"R": "Reception", "N1": "Nursery", "N2": "Nursery"}.get(year.upper())


def _former(school: Fields, code: str | None) -> Involvement:
    return Involvement(
        service="School",
        agency_code=code,
        agency_name=school.text("SchoolName"),
        period=Period(school.date("EntryDate"), school.date("LeavingDate")),
    )


def _code(school: Fields) -> str | None:
    lea, estab = school.text("LEA"), school.text("Estab")
    code = f"{lea}{estab}" if lea and estab else ""
    return code if _KEY.fullmatch(code) else None


def _latest(schools: list[Fields]) -> Fields | None:
    return max(schools, key=lambda school: school.text("EntryDate") or "", default=None)
