"""Reading a list of staff: every way in which spreadsheets write one, and every way to be wrong."""

import pytest

from schemas.vocabulary import Purpose, Role
from services.people.staffing.lists_of_staff import (
    MOST_ROWS,
    CellFault,
    ListFault,
    RowFault,
    StaffRow,
    read_staff_list,
)

HEADER = "agency,name,job_title,role,worker_ref,telephone,purpose,provider,subject\n"
PRIYA = "RY4,Priya Nair,Health visitor,practitioner,HV-7,01632 960001,safeguarding,cis2,123\n"


def _one(text: str | bytes) -> StaffRow | RowFault:
    content = text if isinstance(text, bytes) else text.encode()
    found = read_staff_list(content)
    assert not isinstance(found, ListFault), found
    (row,) = found
    return row


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + PRIYA).encode(),
        b"\xef\xbb\xbf" + (HEADER + PRIYA).encode(),
        (HEADER + PRIYA).replace(",", ";").encode(),
        (HEADER + PRIYA).replace("\n", "\r\n").encode(),
        (HEADER + PRIYA + ",,,,,,,,\n\n").encode(),
        (HEADER.replace("job_title", " Job Title ") + PRIYA.replace("HV-7", ' "HV-7" ')).encode(),
    ],
    ids=["plain", "byte order mark", "semicolons", "CRLF", "empty rows", "spaces and capitals"],
)
def test_a_list_is_read_however_a_spreadsheet_saved_it(content: bytes) -> None:
    """With or without its mark, with commas or semicolons."""
    row = _one(content.replace(b' "HV-7" ', b"HV-7"))

    assert row == StaffRow(
        2,
        "RY4",
        "Priya Nair",
        "Health visitor",
        Role.PRACTITIONER,
        "HV-7",
        "01632 960001",
        Purpose.SAFEGUARDING,
        "cis2",
        "123",
    )


def test_the_columns_that_may_be_missing_are_none() -> None:
    """Neither a reference nor a purpose is made up."""
    row = _one("role,agency,name,job_title\npractitioner,RY4,Zoë Ó Briain,Worker\n")

    assert isinstance(row, StaffRow)
    assert (row.name, row.worker_ref, row.purpose, row.subject) == ("Zoë Ó Briain", *[None] * 3)


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", ListFault.NO_HEADER),
        (b"\xff\xfea\x00g\x00", ListFault.NOT_UTF_8),
        (b"agency,name\x00", ListFault.NOT_UTF_8),
        ("agency,name,job_title,role\nRY4,Zo\xeb,W,p\n".encode("latin-1"), ListFault.NOT_UTF_8),
        (b"agency,name,role\n", ListFault.NO_HEADER),
        (b"agency,name,job_title,role,secret\n", ListFault.UNKNOWN),
        (b"agency,name,job_title,role,name\n", ListFault.TWICE),
        (b'agency,name,job_title,role\nRY4,"Priya\n', ListFault.NOT_CSV),
        (HEADER.encode() + PRIYA.encode() * (MOST_ROWS + 1), ListFault.TOO_LONG),
        (b"a" * 20_000_001, ListFault.TOO_LONG),
    ],
)
def test_what_is_no_list_is_told_at_once(content: bytes, fault: ListFault) -> None:
    """And nothing of it is read."""
    assert read_staff_list(content) is fault


@pytest.mark.parametrize(
    ("row", "field", "fault"),
    [
        (PRIYA.replace("RY4", ""), "agency", CellFault.MISSING),
        (PRIYA.replace("Priya Nair", " "), "name", CellFault.MISSING),
        (PRIYA.replace("Priya Nair", '"Priya\nNair"'), "name", CellFault.NOT_ONE_LINE),
        (PRIYA.replace("Priya Nair", "P" * 201), "name", CellFault.NOT_ONE_LINE),
        (PRIYA.replace("Health visitor", "\u202evisitor"), "job_title", CellFault.NOT_ONE_LINE),
        (PRIYA.replace("practitioner", "owner"), "role", CellFault.NOT_KNOWN),
        (PRIYA.replace("safeguarding", "spying"), "purpose", CellFault.NOT_KNOWN),
        (PRIYA.replace("cis2", "https://x"), "provider", CellFault.NOT_KNOWN),
        (PRIYA.replace("cis2", ""), "subject", CellFault.TOGETHER),
        (PRIYA.replace(",123", ","), "subject", CellFault.TOGETHER),
        (PRIYA.replace(",123", ",123,4"), "row", CellFault.TOO_MANY),
    ],
)
def test_a_fault_names_row_and_column_and_not_what_stands_there(
    row: str, field: str, fault: CellFault
) -> None:
    """Whoever mends it finds it by that."""
    assert _one(HEADER + row) == RowFault(2, field, fault)


@pytest.mark.parametrize(
    ("second", "field"),
    [
        ("RY4,Dan Hall,Nurse,practitioner,HV-7,,,,\n", "worker_ref"),
        ("RY4,Dan Hall,Nurse,practitioner,HV-8,,,cis2,123\n", "subject"),
        ("X1,Dan Hall,Nurse,practitioner,HV-7,,,cis2,123\n", None),
        ("RY4,PRIYA  NAIR,Nurse,practitioner,,,,,\n", "name"),
        ("RY4,Priya Nair,Nurse,practitioner,HV-8,,,,\n", None),
        ("RY4,Dan Hall,Nurse,practitioner,,,,,\nRY4,dan-hall,Lead,practitioner,,,,,\n", "name"),
        ("RY4,Dan Hall,Nurse,practitioner,,,,,\nRY4,Dan Hall,Lead,practitioner,HV-8,,,,\n", "name"),
    ],
)
def test_what_two_rows_name_in_one_agency_says_nothing_of_who_is_meant(
    second: str, field: str | None
) -> None:
    """In another agency it is another account."""
    found = read_staff_list((HEADER + PRIYA + second).encode())

    assert not isinstance(found, ListFault)
    twins = [one.field for one in found if isinstance(one, RowFault)]
    assert twins == ([] if field is None else [field])


def test_ten_thousand_rows_are_read() -> None:
    """Row by row, each with its own number."""
    rows = "".join(PRIYA.replace("HV-7", f"HV-{n}").replace("123", f"{n}") for n in range(10_000))

    found = read_staff_list((HEADER + rows).encode())

    assert not isinstance(found, ListFault)
    assert all(isinstance(one, StaffRow) for one in found)
    assert found[-1].number == 10_001
