"""Workbooks as schools save them, and as somebody who means harm would."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from functools import partial
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from openpyxl import Workbook

from connectors.parsing import limits
from connectors.ports import Received, Unreadable
from connectors.schools.files import read_schools
from schemas.records.message import SourceMessage

AT = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
TITLES = ("Forename", "Surname", "DOB", "NHS Number", "Parent 1 Name", "Parent 1 Phone")
EDIE = ("Edie", "Marlow", datetime(2014, 3, 5), 9990000018, "Ines", "07700 900100")  # noqa: DTZ001
NELL = ("Nell", "Marlow", 41703, "999 000 0026", "Ines", 7700900100)


def read(data: bytes) -> list[Received]:
    """Everything that is found."""
    return list(read_schools(BytesIO(data), received_at=AT))


def a_workbook(*rows: Sequence[object], change: Callable[[Workbook], object] = id) -> bytes:
    """A workbook with these rows in its one sheet."""
    book = Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    change(book)
    saved = BytesIO()
    book.save(saved)
    return saved.getvalue()


def with_part(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one of its parts changed."""
    saved = BytesIO()
    with ZipFile(BytesIO(data)) as old, ZipFile(saved, "w", ZIP_DEFLATED) as new:
        for part in old.infolist():
            content = old.read(part)
            new.writestr(part.filename, change(content) if part.filename == name else content)
    return saved.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def test_a_workbook_is_read_as_the_same_list_in_text():
    """Days, serials, numbers as numbers, a lost nought; and again from what is kept of a row."""
    found = read(a_workbook(("Class 3B",), (), TITLES, EDIE, (None,) * 6, NELL))

    assert [one.index for one in found] == [0, 1]
    born, numbers = [], []
    for one in found:
        assert isinstance(one.outcome, SourceMessage)
        (again,) = read(one.raw())
        assert again.outcome == one.outcome
        (subject,) = one.outcome.subjects
        born.append(subject.demographics.date_of_birth)
        numbers += [number.value for number in subject.identifiers]
    assert born == ["2014-03-05", "2014-03-05"]
    assert numbers == ["9990000018", "9990000026"]
    telephone = [
        r.payload for r in found[1].outcome.records if r.source_id.endswith("parent/1/in-part")
    ]
    assert telephone[0].telecoms[0].value == "07700900100"


def test_a_row_that_cannot_be_read_is_told_by_its_number_in_the_sheet():
    """As whoever opens the workbook sees it."""
    found = read(a_workbook(("Class 3B",), TITLES, EDIE, ("Otto", "Marlow", "soon")))

    refused = found[1].outcome
    assert isinstance(refused, Unreadable)
    assert (refused.field, refused.reason) == ("row[4]/CHILD_DATE_OF_BIRTH", "not-a-date")


def test_the_sheet_with_the_list_is_found_and_hidden_ones_are_passed_over():
    """Sheets of notes are common; a hidden list is an old one."""

    def more_sheets(book: Workbook) -> None:
        book.create_sheet("Notes", 0).append(["Please ring"])
        hidden = book.create_sheet("Old")
        hidden.append(list(TITLES))
        hidden.append(list(NELL))
        hidden.sheet_state = "hidden"

    (one,) = read(a_workbook(TITLES, EDIE, change=more_sheets))

    assert isinstance(one.outcome, SourceMessage)


def test_two_lists_in_one_workbook_are_refused():
    """Nobody can say which counts, and rows of two sheets have one number."""

    def another(book: Workbook) -> None:
        sheet = book.create_sheet("3C")
        sheet.append(list(TITLES))
        sheet.append(list(NELL))

    (one,) = read(a_workbook(TITLES, EDIE, change=another))

    assert one.outcome == Unreadable("class-list", "several-lists")
    assert [again.outcome for again in read(one.raw())] == [one.outcome]


def _bomb() -> bytes:
    big = b"<x>" + b" " * (limits.WORKBOOK_UNPACKED_BYTES + 1) + b"</x>"
    return with_part(a_workbook(TITLES, EDIE), "docProps/app.xml", lambda _: big)


def _doctype() -> bytes:
    lol = b'<!DOCTYPE x [<!ENTITY a "lol">]><worksheet>&a;</worksheet>'
    return with_part(a_workbook(TITLES, EDIE), SHEET, lambda _: lol)


def _wide_rows() -> bytes:
    row = b'<row r="%d"><c r="XFD%d"/></row>'
    rows = b"".join(row % (n, n) for n in range(4, 70))
    return with_part(
        a_workbook(TITLES, EDIE),
        SHEET,
        lambda s: s.replace(b"</sheetData>", rows + b"</sheetData>"),
    )


def _far_row() -> bytes:
    return _with_rows(b'<row r="1048576"><c r="A1048576" t="n"><v>1</v></c></row>')


def _with_rows(rows: bytes) -> bytes:
    end = b"</sheetData>"
    return with_part(a_workbook(TITLES, EDIE), SHEET, lambda s: s.replace(end, rows + end))


def _cut_off() -> bytes:
    return a_workbook(TITLES, EDIE)[:-200]


def _broken() -> bytes:
    return with_part(a_workbook(TITLES), SHEET, lambda _: b"<x")


def _too_large() -> bytes:
    return b"PK\x03\x04" + b"\0" * (limits.WORKBOOK_BYTES + 1)


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (_bomb, "too-large"),
        (_doctype, "doctype-forbidden"),
        (_cut_off, "not-a-workbook"),
        (_broken, "not-a-workbook"),
        (_too_large, "too-large"),
        (partial(bytes, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 and more"), "old-workbook"),
        (partial(a_workbook, ("House", "Ethnicity")), "no-known-column"),
        (partial(a_workbook, TITLES), "empty"),
    ],
)
def test_what_is_no_list_is_refused_once(made: Callable[[], bytes], reason: str):
    """Before openpyxl opens it, where that could do harm; and again from what is kept."""
    data = made()

    (one,) = read(data)

    assert one.outcome == Unreadable("class-list", reason)
    assert [again.outcome for again in read(one.raw())] == [one.outcome]


@pytest.mark.parametrize(
    ("made", "reason"), [(_wide_rows, "too-large"), (_far_row, "too-many-rows")]
)
def test_a_few_bytes_cannot_claim_a_million_cells(made: Callable[[], bytes], reason: str):
    """What came before stands."""
    first, last = read(made())

    assert isinstance(first.outcome, SourceMessage)
    assert last.outcome == Unreadable("class-list", reason)


def test_a_day_of_the_old_count_is_what_the_workbook_says():
    """Workbooks of old Macintoshes count from 1904; a cell that is a day has its own day."""

    def from_1904(book: Workbook) -> None:
        book.epoch = datetime(1904, 1, 1)  # noqa: DTZ001
        assert book.active is not None
        book.active["C2"] = date(2014, 3, 5)

    (one,) = read(a_workbook(TITLES, EDIE, change=from_1904))

    assert isinstance(one.outcome, SourceMessage)
    assert one.outcome.subjects[0].demographics.date_of_birth == "2014-03-05"


def test_a_warning_that_would_tell_a_value_is_given_to_nobody(recwarn: pytest.WarningsRecorder):
    """Openpyxl warns of a cell that is no day, with what stands there."""
    data = with_part(
        a_workbook(TITLES, EDIE), SHEET, lambda s: s.replace(b"<v>41703</v>", b"<v>99999999</v>")
    )

    (one,) = read(data)

    assert isinstance(one.outcome, Unreadable)
    assert one.outcome.reason == "not-a-date"
    assert not recwarn.list
