"""Reads class lists as schools export them: text or a workbook with a header, one message a row."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from types import MappingProxyType
from typing import BinaryIO, Final

from connectors.parsing import limits
from connectors.parsing.peek import look_at
from connectors.parsing.tables.cells import Cells, Check, tidied, without_faults
from connectors.parsing.tables.encodings import LineDecoder, as_lines_of_bytes
from connectors.parsing.tables.rows import RowsOfText, TableRow, written_row
from connectors.ports import Received, Unreadable
from connectors.schools.class_list.headers import (
    COLUMNS,
    LEFT_ON,
    OF_EXPORTS,
    STATED,
    STATED_WHERE_THERE,
)
from connectors.schools.class_list.mapper import (
    NAME,
    about_of_row,
    in_other_words,
    source_message_from_row,
    with_unused,
)
from connectors.schools.class_list.tables import FILE, Table, before_header, table_of_text
from connectors.schools.class_list.workbooks import (
    is_workbook,
    table_of_workbook,
    whole_workbook,
)
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage, Version
from schemas.records.unused import FaultyPart

_DIGEST_CHARACTERS: Final = 24
_MOST_KEPT: Final = limits.CLASS_LIST_ROW_BYTES * (limits.CLASS_LIST_LINES_A_ROW + 1)
_NO_MORE: Final = b"\0"
"""Kept of a file that cannot be read on after rows that stand by themselves."""
_CHECKED: Final[Mapping[str, Check]] = {
    "CHILD_NHS_NUMBER": Cells.nhs_number,
    "CHILD_UPN": Cells.upn,
    "CHILD_POSTCODE": Cells.postcode,
    "CHILD_PHONE": Cells.telephone,
    "CHILD_ENTRY_DATE": Cells.day,
    LEFT_ON: Cells.later_day,
    "SCHOOL_URN": Cells.urn,
    "SCHOOL_NUMBER": Cells.school_number,
    "SCHOOL_PHONE": Cells.telephone,
    **{f"PARENT_{n}_EMAIL": Cells.email for n in (1, 2)},
    **{f"PARENT_{n}_PHONE": Cells.telephone for n in (1, 2)},
}
"""The cells without which a child can be known."""
NO_TITLES_OF_THEIR_OWN: Final[Mapping[str, str]] = MappingProxyType({})


def read_class_list(
    stream: BinaryIO,
    *,
    received_at: datetime,
    most_bytes: int = limits.CLASS_LIST_FILE_BYTES,
    own: Mapping[str, str] = NO_TITLES_OF_THEIR_OWN,
) -> Iterator[Received]:
    """The pupils of a class list, one at a time; memory does not grow with the file.

    The file holds no date, so `received_at` (aware) orders what it says, and within it the row:
    of a child who is there twice the later row holds. `own` is what a school's own titles mean.
    Raises ValueError when the time is not aware.
    """
    if received_at.tzinfo is None:
        raise ValueError("received_at: give an aware time")
    beginning, whole = look_at(stream, _MOST_KEPT)
    if is_workbook(beginning):
        beginning = whole_workbook(whole)
        begin = partial(table_of_workbook, beginning, own)
    else:
        begin = partial(_table_in_text, whole, beginning, own, most_bytes)
    found = 0
    try:
        for received in _messages_of(begin(), received_at):
            yield received
            found += 1
    except UnreadableMessageError as error:
        cut_short = _NO_MORE if found else beginning
        yield Received(found, Unreadable(error.field, error.reason), raw=lambda: cut_short)


def _table_in_text(
    stream: BinaryIO, beginning: bytes, own: Mapping[str, str], most_bytes: int
) -> Table:
    text = as_lines_of_bytes(stream, beginning, field=FILE)
    decoder = LineDecoder.for_file(beginning)
    rows = RowsOfText(text, decoder, field=FILE, most_bytes=most_bytes)
    return table_of_text(rows, own)


def _messages_of(table: Table, received_at: datetime) -> Iterator[Received]:
    """The pupils of a table; raises UnreadableMessageError where there are none."""
    reading = _TableReading(table, received_at)
    found = 0
    for row in table.rows:
        if not row.is_blank:
            yield Received(found, reading.outcome(row), raw=_Raw(table, row))
            found += 1
    if not found:
        raise UnreadableMessageError(field=FILE, reason="empty")


class _TableReading:
    """What the rows of one table become."""

    def __init__(self, table: Table, received_at: datetime) -> None:
        moment = received_at.astimezone(UTC).replace(tzinfo=None)
        self._at = moment.isoformat(timespec="microseconds") + "Z"
        self._year = moment.year
        self._columns = table.columns
        self._titles = table.header.cells
        read = {place for places in table.columns.places.values() for place in places}
        self._seen: dict[str, str] = {}
        titles = enumerate(self._titles)
        self._unread_titles = [(at, _as_told(title)) for at, title in titles if at not in read]

    def outcome(self, row: TableRow) -> SourceMessage | Unreadable:
        """What a row says."""
        message_id, cells, version = None, None, Version(self._at, row.number)
        try:
            cells, faults = without_faults(self._cells(row), _CHECKED)
            digest = _digest(cells)
            message_id = f"{NAME}/{version.at}/{digest}"
            message = source_message_from_row(cells, digest=digest, version=version)
            again = self._again(message, digest, row)
            columns = [*self._unread(row), *in_other_words(cells)]
            return with_unused(message, columns, (*faults, *self._twice(row), *again))
        except UnreadableMessageError as error:
            about = None if cells is None else about_of_row(cells, version)
            return Unreadable(error.field, error.reason, message_id, version=version, about=about)

    def _again(self, message: SourceMessage, digest: str, row: TableRow) -> Iterator[FaultyPart]:
        """That a row says something else of a pupil than one before, in whose place it stands."""
        own = "" if message.listed is None else message.listed.own
        if self._seen.setdefault(own, digest) != digest:
            self._seen[own] = digest
            yield FaultyPart(f"row[{row.number}]", "several-values")

    def _cells(self, row: TableRow) -> Cells:
        """By column. More cells than columns: a comma without quotes has shifted what follows."""
        if row.refused or any(cell.strip() for cell in row.cells[len(self._titles) :]):
            raise UnreadableMessageError(
                field=f"row[{row.number}]", reason=row.refused or "too-many-cells"
            )
        there = len(row.cells)
        by_column = {
            column: tidied(
                row.cells[places[0]]
                if len(places) == 1
                else " ".join(row.cells[at] for at in places if at < there)
            )
            for column, places in self._columns.places.items()
            if places[0] < there and column not in self._columns.twice
        }
        return Cells(row.number, by_column, self._year)

    def _unread(self, row: TableRow) -> list[str]:
        """The columns of which nothing is read and that say something in this row."""
        there = len(row.cells)
        return [name for at, name in self._unread_titles if at < there and row.cells[at].strip()]

    def _twice(self, row: TableRow) -> Iterator[FaultyPart]:
        """The columns of which there are two."""
        for column in sorted(self._columns.twice):
            yield FaultyPart(f"row[{row.number}]/{column}", "several-values")


def _as_told(title: str) -> str:
    """A title that may be no more than a name; whoever tells of it sees whether it is one."""
    return tidied(title).upper().replace(" ", "_")


def _digest(cells: Cells) -> str:
    """The same for a row that says the same, whenever it comes; so does what it says nothing of."""
    columns = (*COLUMNS, *OF_EXPORTS)
    said = [f"{name}\x1e{text}" for name in columns if (text := cells.text(name))]
    said += [f"{group[0]}\x1d" for group in STATED if not cells.has(*group)]
    said += [
        f"{name}\x1c" for name in STATED_WHERE_THERE if cells.has(name) and not cells.text(name)
    ]
    return sha256("\x1f".join(said).encode()).hexdigest()[:_DIGEST_CHARACTERS]


class _Raw:
    """Makes, when asked, a class list with one row, at the number that it has in the whole one.

    Under titles of ours where its school has its own: it is read again by who does not know them.
    """

    __slots__ = ("_row", "_table")

    def __init__(self, table: Table, row: TableRow) -> None:
        self._table = table
        self._row = row

    def __call__(self) -> bytes:
        header, delimiter = self._table.header, self._table.delimiter
        titles = self._table.columns.as_ours or header.cells
        before = before_header(header, delimiter) + written_row(titles, delimiter)
        between = "\n" * (self._row.number - header.number - 1)
        return f"{before}{between}".encode() + self._row.written
