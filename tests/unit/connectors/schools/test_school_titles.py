"""A school's own titles: what a file of them says, and lists that are read by them."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO

import pytest

from connectors.ports import Received, Unreadable
from connectors.registry import read_messages
from connectors.schools.class_list.titles import (
    SchoolTitles,
    TitleFault,
    read_school_titles,
)
from connectors.schools.list_parts import school_from_name
from schemas.publishing import PUBLISHED
from schemas.records.message import SourceMessage
from schemas.records.payloads import Involvement, PersonDetails, Relationship
from schemas.vocabulary import Source
from tests.support.reading import payloads

_AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_TEMPLATE = (PUBLISHED / "school-titles-template.csv").read_bytes()
_LIST = (
    b"Pupil ref,Given name on the register,Family name on the register,Born,Group,Known as,"
    b"Adult one,Adult one is,Adult one mobile,Legal forename\n"
    b"H999100230003,Edie,Marlow,05/03/2014,3B,Bee,Ines Marlow,Mother,07700 900100,Wrong\n"
    b"H999100230004,Tom,Marlow,never,3B,,Ines Marlow,Mother,07700 900100,Wrong\n"
)


def _titles(data: bytes) -> SchoolTitles:
    found = read_school_titles(data)
    assert isinstance(found, SchoolTitles), found
    return found


def _read(data: bytes, titles: SchoolTitles | None) -> list[Received]:
    own = None if titles is None else titles.by_name
    return list(read_messages(Source.SCHOOLS, BytesIO(data), received_at=_AT, own_titles=own))


def _message(received: Received) -> SourceMessage:
    assert isinstance(received.outcome, SourceMessage), received.outcome
    return received.outcome


def test_a_list_is_read_by_its_schools_own_titles_and_by_no_other():
    """A title that is known everywhere else does not stand before one that the school named."""
    edie = _message(_read(_LIST, _titles(_TEMPLATE))[0])

    (details,) = payloads(edie, PersonDetails)
    (at_school,) = payloads(edie, Involvement)
    (mother,) = payloads(edie, Relationship)
    assert (details.given_names, details.family_name, details.known_as) == (
        ("Edie",),
        "Marlow",
        None,
    )
    assert (details.date_of_birth, at_school.team) == ("2014-03-05", "class 3B")
    assert (mother.name, mother.telecoms[0].value) == ("Ines Marlow", "07700 900100")
    (without,) = (one.outcome for one in _read(_LIST, None))
    assert isinstance(without, Unreadable)
    assert (without.field, without.reason) == ("class-list/CHILD_LAST_NAME", "missing")


def test_a_row_that_is_kept_is_read_again_by_who_does_not_know_the_titles():
    """It says the same, with the same wrong cell; nothing new is read of what was left out."""
    first, second = _read(_LIST, _titles(_TEMPLATE))
    (again,) = _read(first.raw(), None)
    (refused,) = _read(second.raw(), None)

    assert [r.payload for r in _message(again).records] == [
        r.payload for r in _message(first).records
    ]
    assert isinstance(second.outcome, Unreadable)
    assert isinstance(refused.outcome, Unreadable)
    assert (refused.outcome.field, refused.outcome.reason) == (
        second.outcome.field,
        second.outcome.reason,
    )


def test_two_columns_of_one_own_title_are_taken_for_neither_also_when_read_again():
    """Either could be meant."""
    titles = _titles(_TEMPLATE.replace(b"Group,", b"Unit,"))
    (received,) = _read(
        b"Given name on the register,Family name on the register,Born,Unit,Unit\n"
        b"Edie,Marlow,05/03/2014,3B,4C\n",
        titles,
    )
    (again,) = _read(received.raw(), None)

    for one in (received, again):
        faults = [(fault.field, fault.reason) for fault in _message(one).unused.faults]
        assert faults == [("row[2]/CHILD_REGISTRATION", "several-values")]


@pytest.mark.parametrize("save", [bytes, lambda data: data.decode().encode("utf-16")])
def test_the_template_is_one(save: Callable[[bytes], bytes]):
    """Whatever program saved it, with semicolons too."""
    titles = _titles(save(_TEMPLATE.replace(b",", b";")))

    assert titles.meaning["Born"] == "CHILD_DATE_OF_BIRTH"
    assert titles.by_name["ADULT_ONE_MOBILE"] == "PARENT_1_PHONE"


_HEADER = b"THEIR_TITLE,OUR_COLUMN\n"


@pytest.mark.parametrize(
    ("data", "row", "fault"),
    [
        (b"", 0, TitleFault.NO_HEADER),
        (b"Born,CHILD_DATE_OF_BIRTH\n", 0, TitleFault.NO_HEADER),
        (b'THEIR_TITLE,OUR_COLUMN\n"Born,CHILD', 0, TitleFault.NOT_A_LIST),
        (b"\0\0", 0, TitleFault.NOT_A_LIST),
        (_HEADER, 0, TitleFault.EMPTY),
        (_HEADER + b"Born,DATE_BORN\n", 2, TitleFault.UNKNOWN),
        (_HEADER + b"Born,\n", 2, TitleFault.UNKNOWN),
        (_HEADER + b"--,CHILD_UPN\n", 2, TitleFault.NO_TITLE),
        (_HEADER + b"Ref,CHILD_UPN\n\nREF,CHILD_NHS_NUMBER\n", 4, TitleFault.TITLE_TWICE),
        (_HEADER + b"Ref,CHILD_UPN\nNo,CHILD_UPN\n", 3, TitleFault.COLUMN_TWICE),
    ],
)
def test_what_is_wrong_is_told_by_row_and_nothing_is_kept(data: bytes, row: int, fault: TitleFault):
    """Half of what a school's titles mean would put one child's words under another's title."""
    found = read_school_titles(data)

    assert not isinstance(found, SchoolTitles)
    assert [(one.row, one.fault) for one in found] == [(row, fault)]


def test_a_files_name_says_whose_titles_it_has():
    """Beside the part for which it is whole."""
    assert school_from_name("autumn.school-123456.whole-class-3B.csv") == "123456"
    assert school_from_name("autumn.whole-school.csv") is None
    assert school_from_name("school-123456.csv") is None
