"""Reading a list of staff: CSV with a header, as spreadsheets write it.

A fault names the row and the column, never what stands there. Row 1 is the header, as a
spreadsheet counts; a row with line breaks in a cell is one row.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

from schemas.vocabulary import LabelledCode, Purpose, Role
from services.people.practitioners.people import plain_name
from services.people.staffing.agencies import is_one_line

REQUIRED: Final = ("agency", "name", "job_title", "role")
OPTIONAL: Final = ("worker_ref", "telephone", "purpose", "provider", "subject")
MOST_ROWS: Final = 20_000
MOST_BYTES: Final = 20_000_000
_LONGEST_CELL: Final = 1000
_PROVIDER: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_LONGEST_SUBJECT: Final = 255


class ListFault(LabelledCode):
    """Why a whole file is not read."""

    TOO_LONG = "file-is-too-long", f"The file has more than {MOST_ROWS} rows"
    NOT_UTF_8 = "file-is-not-utf-8", "Save the file as “CSV UTF-8”"
    NO_HEADER = "header-is-missing", f"The first row names the columns: {', '.join(REQUIRED)}"
    NOT_CSV = "file-is-not-csv", "The file is not CSV"
    UNKNOWN = (
        "header-has-a-column-that-is-not-known",
        f"The columns are {', '.join((*REQUIRED, *OPTIONAL))}",
    )
    TWICE = "header-has-a-column-twice", "Each column stands once"


class CellFault(LabelledCode):
    """Why a row is refused for what stands in it."""

    MISSING = "is-missing", "is missing"
    NOT_ONE_LINE = "is-not-one-line-of-words", "is not one line of up to 200 letters"
    NOT_KNOWN = "is-not-one-of-the-codes", "is none of the codes"
    TOO_MANY = "row-has-another-number-of-cells", "has another number of cells than the header"
    TOGETHER = "goes-with-the-other", "goes only with the other of provider and subject"
    TWICE = "stands-in-another-row-too", "stands in another row too"


@dataclass(frozen=True, slots=True, repr=False)
class StaffRow:
    """One person as a list of staff has them; `number` is the row."""

    number: int
    agency: str
    name: str
    job_title: str
    role: Role
    worker_ref: str | None
    telephone: str | None
    purpose: Purpose | None
    provider: str | None
    subject: str | None


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a row: in which column, and how."""

    number: int
    field: str
    fault: CellFault


def read_staff_list(content: bytes) -> Sequence[StaffRow | RowFault] | ListFault:
    """Every row of a file, or why it is not read; commas, semicolons or tabs separate."""
    if len(content) > MOST_BYTES:
        return ListFault.TOO_LONG
    table = _table(content)
    if isinstance(table, ListFault):
        return table
    header, rows = table[0], table[1:]
    columns = [name.strip().lower().replace(" ", "_") for name in header]
    fault = _fault_of_header(columns)
    if fault is None and len(rows) > MOST_ROWS:
        fault = ListFault.TOO_LONG
    return fault or _without_twins(list(_rows(columns, rows)))


def _table(content: bytes) -> Sequence[Sequence[str]] | ListFault:
    """The cells, as a spreadsheet that saves UTF-8 wrote them: with or without its mark."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return ListFault.NOT_UTF_8
    if "\0" in text:
        return ListFault.NOT_UTF_8
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        found = [*csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)]
    except csv.Error:
        return ListFault.NOT_CSV
    return found or ListFault.NO_HEADER


def _fault_of_header(columns: Sequence[str]) -> ListFault | None:
    if not set(REQUIRED) <= set(columns):
        return ListFault.NO_HEADER
    if not set(columns) <= {*REQUIRED, *OPTIONAL}:
        return ListFault.UNKNOWN
    return ListFault.TWICE if len(set(columns)) < len(columns) else None


def _rows(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[StaffRow | RowFault]:
    for number, cells in enumerate(rows, 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            yield RowFault(number, "row", CellFault.TOO_MANY)
            continue
        told = {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}
        yield _fault_of_cells(number, told) or _row(number, told)


def _fault_of_cells(number: int, told: Mapping[str, str]) -> RowFault | None:
    for name in (*REQUIRED, *OPTIONAL):
        cell = told.get(name, "")
        fault = _fault_of_cell(name, cell)
        if fault is not None:
            return RowFault(number, name, fault)
    if bool(told.get("provider")) is not bool(told.get("subject")):
        return RowFault(number, "subject", CellFault.TOGETHER)
    return None


def _fault_of_cell(name: str, cell: str) -> CellFault | None:
    if not cell:
        return CellFault.MISSING if name in REQUIRED else None
    if len(cell) > _LONGEST_CELL or not is_one_line(cell[:_LONGEST_SUBJECT]):
        return CellFault.NOT_ONE_LINE
    codes = {"role": set(map(str, Role)), "purpose": set(map(str, Purpose))}.get(name)
    if codes is not None:
        return None if cell in codes else CellFault.NOT_KNOWN
    match name:
        case "provider":
            return None if _PROVIDER.fullmatch(cell) else CellFault.NOT_KNOWN
        case "subject":
            is_one = len(cell) <= _LONGEST_SUBJECT and cell.isprintable()
            return None if is_one else CellFault.NOT_ONE_LINE
        case _:
            return None if is_one_line(cell) else CellFault.NOT_ONE_LINE


def _row(number: int, told: Mapping[str, str]) -> StaffRow:
    return StaffRow(
        number,
        told["agency"],
        told["name"],
        told["job_title"],
        Role(told["role"]),
        told.get("worker_ref") or None,
        told.get("telephone") or None,
        Purpose(told["purpose"]) if told.get("purpose") else None,
        told.get("provider") or None,
        told.get("subject") or None,
    )


def _without_twins(rows: Sequence[StaffRow | RowFault]) -> Sequence[StaffRow | RowFault]:
    """A reference, or a sign-in in one agency, that two rows name says nothing of who is meant.

    Nor does a name, where one of the two rows has no reference beside it.
    """
    seen: set[tuple[str, ...]] = set()
    found: list[StaffRow | RowFault] = []
    for row in rows:
        twin = None if isinstance(row, RowFault) else _told_before(row, seen)
        found.append(row if twin is None else RowFault(row.number, twin, CellFault.TWICE))
    return found


def _told_before(row: StaffRow, seen: set[tuple[str, ...]]) -> str | None:
    is_alone, name = row.worker_ref is None, plain_name(row.name)
    keys = {
        "worker_ref": (row.agency, "ref", row.worker_ref or ""),
        "subject": (row.agency, row.provider or "", row.subject or ""),
        "name": (row.agency, "name" if is_alone else "name alone", name),
    }
    twin = next((column for column, key in keys.items() if key[-1] and key in seen), None)
    seen |= {keys["worker_ref"], keys["subject"], (row.agency, "name", name)}
    if is_alone:
        seen.add((row.agency, "name alone", name))
    return twin
