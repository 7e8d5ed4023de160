"""A row of a council's list of school places to source message. Pure.

The council allocates: that it says so warrants that a school has a child, and makes the child
nobody's at the council itself. What is shown is that there was a place and when: that goes on being
true once the child has moved on.
"""

import re
from collections.abc import Iterator, Mapping
from enum import Enum, auto
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from connectors.parsing.demographics import is_placeholder_name
from connectors.parsing.tables.cells import Cells
from connectors.parsing.tables.templates import AS_AT, ListTemplate
from connectors.ports import AboutWhom
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import Demographics, Record, SourceMessage, Subject, Version
from schemas.records.payloads import (
    SCHOOL,
    FactStatus,
    Involvement,
    Occurrence,
    OccurrenceKind,
    Period,
)
from schemas.vocabulary import Action, Category, Label, Source

_NAME: Final = "admissions-list"
_REF: Final = "child"
_DAY: Final = len("YYYY-MM-DD")
_LA: Final = re.compile(r"[0-9]{3}")
_REFERENCE: Final = re.compile(r"[A-Z0-9][A-Z0-9/._-]{0,63}")
_LOCATION: Final = frozenset({Label.LOCATION})
_EDUCATION: Final = Category.EDUCATION


class _SchoolPlace(Enum):
    """What became of a place."""

    OFFERED = auto()
    TAKEN = auto()
    GIVEN_BACK = auto()


_WORDS: Final[Mapping[str, _SchoolPlace]] = MappingProxyType(
    {
        "offered": _SchoolPlace.OFFERED,
        "accepted": _SchoolPlace.TAKEN,
        "admitted": _SchoolPlace.TAKEN,
        "allocated": _SchoolPlace.TAKEN,
        "withdrawn": _SchoolPlace.GIVEN_BACK,
        "declined": _SchoolPlace.GIVEN_BACK,
        "refused": _SchoolPlace.GIVEN_BACK,
    }
)
_TITLES: Final[Mapping[_SchoolPlace, str]] = MappingProxyType(
    {
        _SchoolPlace.OFFERED: "School place offered",
        _SchoolPlace.TAKEN: "School place taken up",
        _SchoolPlace.GIVEN_BACK: "School place not taken up",
    }
)


def source_message_from_place(cells: Cells, message_id: str, version: Version) -> SourceMessage:
    """What a row says; raises UnreadableMessageError."""
    council, school = _council(cells), _school(cells)
    numbers, who, place = _numbers(cells), _demographics(cells), _place(cells)
    _refuse_unknowable(cells, numbers, who)
    key = f"admission/{council}/{_own_key(cells, numbers, who)}/{school}"
    return SourceMessage(
        source=Source.SOCIAL_CARE,
        message_id=message_id,
        version=version,
        subjects=(Subject(_REF, numbers, who),),
        records=(
            Record(
                f"{key}/place",
                _EDUCATION,
                (_REF,),
                _occurrence(cells, place, version.at[:_DAY]),
                labels=_LOCATION,
            ),
        ),
        sender=council,
        kind=MessageKind.PUPIL,
        names=(f"{_NAME}/{key}",),
        mentions=(_mention(cells, key, school, place),),
    )


def about_of_place(cells: Cells, version: Version) -> AboutWhom:
    """Of a row that cannot be read: whom it names, if anybody."""
    known = tuple(number for number in _numbers(cells) if number.is_verified)
    return AboutWhom(MessageKind.PUPIL, known, (), version)


def _mention(cells: Cells, key: str, school: str, place: _SchoolPlace) -> Record:
    """That the school has the child, for as long as the place is taken up."""
    source_id = f"{key}/school"
    if place is not _SchoolPlace.TAKEN:
        return Record(source_id, _EDUCATION, (_REF,), None, Action.REMOVE)
    since = cells.day("START_DATE")
    there = Involvement(service=SCHOOL, agency_code=school, period=Period(since))
    return Record(source_id, _EDUCATION, (_REF,), there, labels=_LOCATION)


def _occurrence(cells: Cells, place: _SchoolPlace, day: str) -> Occurrence:
    """A place from a day to come is planned; one that was given back is not to be."""
    start = cells.day("START_DATE")
    is_to_come = start is not None and start > day
    status = FactStatus.PLANNED if is_to_come or place is _SchoolPlace.OFFERED else FactStatus.HOLDS
    given_back = place is _SchoolPlace.GIVEN_BACK
    return Occurrence(
        kind=OccurrenceKind.CONTACT,
        title=_TITLES[place],
        period=Period(start),
        not_done=given_back,
        agency_name=cells.text("SCHOOL_NAME"),
        details=tuple(_details(cells)),
        status=FactStatus.NOT_DONE if given_back else status,
    )


def _details(cells: Cells) -> Iterator[tuple[str, str]]:
    school = cells.school_number("SCHOOL_NUMBER")
    if school is not None:
        yield "School number", f"{school[:3]}/{school[3:]}"


# Which council, which school, which child.


def _council(cells: Cells) -> str:
    code = cells.code("LA_CODE", _LA)
    if code is None:
        raise cells.refusal("LA_CODE", "missing")
    return code


def _school(cells: Cells) -> str:
    number = cells.school_number("SCHOOL_NUMBER")
    if number is None:
        raise cells.refusal("SCHOOL_NUMBER", "missing")
    return number


def _place(cells: Cells) -> _SchoolPlace:
    said = cells.required("ADMISSION_STATUS").casefold()
    if said not in _WORDS:
        raise cells.refusal("ADMISSION_STATUS", "unknown")
    return _WORDS[said]


def _numbers(cells: Cells) -> tuple[Identifier, ...]:
    found = (cells.nhs_number("NHS_NUMBER"), cells.upn("UPN"))
    return tuple(number for number in found if number is not None)


def _demographics(cells: Cells) -> Demographics:
    family, given = cells.text("FAMILY_NAME"), cells.text("GIVEN_NAMES")
    names = () if given is None else tuple(given.split())
    return Demographics(
        family_name=family,
        given_names=names,
        date_of_birth=cells.date("DATE_OF_BIRTH"),
        postcode=cells.postcode("POSTCODE"),
        placeholder_name=is_placeholder_name(family=family, given=names),
    )


def _refuse_unknowable(cells: Cells, numbers: tuple[Identifier, ...], who: Demographics) -> None:
    if not any(number.is_verified for number in numbers) and not (
        who.family_name and who.given_names
    ):
        raise UnreadableMessageError(field=f"row[{cells.number}]/UPN", reason="missing")


def _own_key(cells: Cells, numbers: tuple[Identifier, ...], who: Demographics) -> str:
    """The council's own reference; else a number, or who it is."""
    reference = cells.code("APPLICATION_REF", _REFERENCE)
    verified = next((number.value for number in numbers if number.is_verified), None)
    if reference is not None or verified is not None:
        return reference or verified or ""
    named = (who.family_name, *who.given_names, who.date_of_birth, who.postcode)
    return sha256("\x1f".join(part or "" for part in named).encode()).hexdigest()[:16]


ADMISSIONS_LIST: Final = ListTemplate(
    name=_NAME,
    by="ADMISSION_STATUS",
    required=("LA_CODE", "DATE_OF_BIRTH", "SCHOOL_NUMBER", "ADMISSION_STATUS"),
    columns=(
        *("LA_CODE", "APPLICATION_REF", "FAMILY_NAME", "GIVEN_NAMES", "DATE_OF_BIRTH"),
        *("POSTCODE", "NHS_NUMBER", "UPN", "SCHOOL_NUMBER", "SCHOOL_NAME"),
        *("START_DATE", "ADMISSION_STATUS", AS_AT),
    ),
    checked={
        "NHS_NUMBER": Cells.nhs_number,
        "UPN": Cells.upn,
        "POSTCODE": Cells.postcode,
        "START_DATE": Cells.day,
        "APPLICATION_REF": lambda cells, column: cells.code(column, _REFERENCE),
    },
    message=source_message_from_place,
    about=about_of_place,
)
"""The list under the titles of `schemas/published/admissions-template.csv`."""
