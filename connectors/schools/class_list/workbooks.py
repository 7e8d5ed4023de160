"""A workbook (.xlsx) as a list: the one sheet with a header, cell by cell, within limits.

Every part of it is looked at before openpyxl is: as much as it says once unpacked, UTF-8, no
DOCTYPE. So what is a bomb, or reaches for other files, is refused by the same rule as other XML.
"""

import warnings
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any, BinaryIO, Final
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from connectors.parsing import limits
from connectors.parsing.safe_xml import SafeTextGuard
from connectors.parsing.tables.rows import COMMA, TableRow, written_row
from connectors.schools.class_list.headers import Columns
from connectors.schools.class_list.tables import FILE, ROWS_BEFORE_HEADER, HeaderSearch, Table
from schemas.errors import UnreadableMessageError

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK: Final = 64 * 1024
_NOT_XML: Final = (".bin", ".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf")
"""Pictures and printers' settings: never opened."""
_WHAT_A_BROKEN_ONE_RAISES: Final = (
    *(AttributeError, BadZipFile, EOFError, InvalidFileException, LookupError),
    *(NotImplementedError, OSError, OverflowError, SyntaxError, TypeError, ValueError, zlib.error),
)


def is_workbook(beginning: bytes) -> bool:
    """Whether it is a workbook by its first bytes, of this form or of the one before."""
    return beginning.startswith((_ZIP, _OLE))


def whole_workbook(stream: BinaryIO) -> bytes:
    """The bytes of a workbook, or one byte more than are read."""
    parts, size = [], 0
    while size <= limits.WORKBOOK_BYTES and (part := stream.read(_CHUNK)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def table_of_workbook(data: bytes, own: Mapping[str, str]) -> Table:
    """The list in a workbook; raises UnreadableMessageError, also while its rows are read."""
    if data.startswith(_OLE):
        raise UnreadableMessageError(field=FILE, reason="old-workbook")
    if len(data) > limits.WORKBOOK_BYTES:
        raise UnreadableMessageError(field=FILE, reason="too-large")
    with _as_refusals():
        _look_over(data)
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
        search, found = HeaderSearch(own), []
        for sheet in sheets:
            header = _header_of(sheet, search)
            if header is not None:
                found.append((sheet, *header))
    if len(found) > 1:
        raise UnreadableMessageError(field=FILE, reason="several-lists")
    if not found:
        raise search.failed()
    sheet, row, columns = found[0]
    return Table(row, columns, COMMA, _rows_after(sheet, row.number))


@contextmanager
def _as_refusals() -> Iterator[None]:
    """What openpyxl says of a file that is no workbook, in our words: its own tell of content.

    So do its warnings; and what it prints would stand in the middle of a command's document.
    """
    try:
        with warnings.catch_warnings(), redirect_stdout(StringIO()):
            warnings.simplefilter("ignore")
            yield
    except UnreadableMessageError:
        raise
    except _WHAT_A_BROKEN_ONE_RAISES as error:
        raise UnreadableMessageError(field=FILE, reason="not-a-workbook") from error


def _look_over(data: bytes) -> None:
    """Unpack every part once, to see how much it is and that it is plain XML."""
    with ZipFile(BytesIO(data)) as packed:
        parts = packed.infolist()
        if len(parts) > limits.WORKBOOK_PARTS:
            raise UnreadableMessageError(field=FILE, reason="too-large")
        left = limits.WORKBOOK_UNPACKED_BYTES
        for part in parts:
            guard = None
            if not part.filename.lower().endswith(_NOT_XML):
                guard = SafeTextGuard(field=FILE)
            with packed.open(part) as opened:
                while chunk := opened.read(_CHUNK):
                    left -= len(chunk)
                    if left < 0:
                        raise UnreadableMessageError(field=FILE, reason="too-large")
                    if guard is not None:
                        guard.check(chunk)


def _header_of(sheet: Any, search: HeaderSearch) -> tuple[TableRow, Columns] | None:
    for row in _rows(sheet, ROWS_BEFORE_HEADER + 1):
        columns = search.columns_of(row)
        if columns is not None:
            return row, columns
    return None


def _rows_after(sheet: Any, number: int) -> Iterator[TableRow]:
    """The rows below the header; those before a place that cannot be read stand."""
    found: list[TableRow] = []
    try:
        with _as_refusals():
            rows = _rows(sheet, limits.CLASS_LIST_ROWS + 1)
            found.extend(row for row in rows if row.number > number)
    except UnreadableMessageError:
        yield from found
        raise
    yield from found


def _rows(sheet: Any, most: int) -> Iterator[TableRow]:
    """So many rows of a sheet; what the sheet says of its own size is not believed."""
    sheet.reset_dimensions()
    cells_left = limits.WORKBOOK_CELLS
    for number, values in enumerate(sheet.iter_rows(max_row=most, values_only=True), start=1):
        if number > limits.CLASS_LIST_ROWS:
            raise UnreadableMessageError(field=FILE, reason="too-many-rows")
        cells_left -= len(values)
        if cells_left < 0:
            raise UnreadableMessageError(field=FILE, reason="too-large")
        yield _row(number, list(map(_text_of, values)))


def _row(number: int, cells: list[str]) -> TableRow:
    while cells and not cells[-1]:
        cells.pop()
    written = written_row(tuple(cells), COMMA).encode() if cells else b"\n"
    if len(written) > limits.CLASS_LIST_ROW_BYTES:
        return TableRow(number, (), b'"', "too-large")
    return TableRow(number, tuple(cells), written)


def _text_of(value: object) -> str:
    """A cell as it would stand in a text: a day without its midnight, a number without fraction."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        is_day = value.time() == time()
        return value.date().isoformat() if is_day else value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\0", "")
