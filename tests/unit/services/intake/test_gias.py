"""The national register's file of establishments: names, numbers and telephones of schools."""

from io import BytesIO

import pytest

from services.intake.schools.gias import GiasFault, School, read_gias

_HEADER = (
    '"URN","LA (code)","LA (name)","EstablishmentNumber","EstablishmentName",'
    '"EstablishmentStatus (code)","EstablishmentStatus (name)","Postcode","TelephoneNum"'
)


def _file(*rows: str, encoding: str = "cp1252") -> BytesIO:
    return BytesIO("\r\n".join((_HEADER, *rows, "")).encode(encoding))


@pytest.mark.parametrize("encoding", ["cp1252", "utf-8-sig"])
def test_open_schools_have_all_and_closed_ones_a_name(encoding: str):
    """A closed school's telephone rings somewhere else, and its number is its successor's."""
    found = read_gias(
        _file(
            '"123456","999","Northfield","2001","St Zoë’s Primary","1","Open","ZZ99","01632960100"',
            '"123457","999","Northfield","2001","The Old School","2","Closed","","01632960101"',
            '"123458","99","Westfield","","Westfield Nursery","3","Open, but","","1632 960102"',
            encoding=encoding,
        )
    )

    assert found == (
        School("123456", "9992001", "St Zoë’s Primary", "01632960100"),
        School("123457", None, "The Old School", None),
        School("123458", None, "Westfield Nursery", "01632960102"),
    )


def test_a_number_of_two_open_schools_is_nobodys_and_a_row_without_urn_or_name_is_left_out():
    """Nobody is sent to the wrong school."""
    found = read_gias(
        _file(
            '"123456","999","","2001","One","1","","","ask the office"',
            '"123459","999","","2001","Two","1","","",""',
            '"","999","","2002","Three","1","","",""',
            '"123460","999","","2003","","1","","",""',
            '"123461","999"',
        )
    )

    assert found == (School("123456", None, "One", None), School("123459", None, "Two", None))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", GiasFault.NOT_THE_REGISTER),
        (b"URN,Name\n123456,One\n", GiasFault.NOT_THE_REGISTER),
        (_file().getvalue(), GiasFault.NO_SCHOOL),
        (_file().getvalue() + b'"' + b"x" * 200_000, GiasFault.NOT_THE_REGISTER),
    ],
)
def test_what_is_no_register_changes_nothing(data: bytes, fault: GiasFault):
    """It is said why."""
    assert read_gias(BytesIO(data)) is fault
