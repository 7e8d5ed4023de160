"""Reads class lists: CSV with a header, one message a row."""

import csv
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from io import StringIO
from typing import BinaryIO, Final

from connectors.parsing import limits
from connectors.parsing.peek import look_at
from connectors.ports import Received, Unreadable
from connectors.schools.class_list.mapper import (
    COLUMNS,
    NAME,
    REQUIRED,
    STATED,
    about_of_row,
    relationships_in_other_words,
    source_message_from_row,
    with_unused,
)
from connectors.schools.class_list.rows import FILE, Cells, ClassListRow, rows_of
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage, Version

_DIGEST_CHARACTERS: Final = 24
_MOST_KEPT: Final = limits.CLASS_LIST_ROW_BYTES * (limits.CLASS_LIST_LINES_A_ROW + 1)
_NO_MORE: Final = b"\0"
"""Kept of a file that cannot be read on after rows that stand by themselves."""


def read_class_list(
    stream: BinaryIO,
    *,
    received_at: datetime,
    most_bytes: int = limits.CLASS_LIST_FILE_BYTES,
) -> Iterator[Received]:
    """The pupils of a class list, one at a time; memory does not grow with the file.

    The file holds no date, so `received_at` (aware) orders what it says, and within it the row:
    of a child who is there twice the later row holds. Raises ValueError when it is not aware.
    """
    if received_at.tzinfo is None:
        raise ValueError("received_at: give an aware time")
    found = 0
    beginning, whole = look_at(stream, _MOST_KEPT)
    reading = _ClassListReading(received_at)
    try:
        for row in rows_of(whole, most_bytes=most_bytes):
            outcome = reading.outcome(row)
            if outcome is not None:
                yield Received(found, outcome, raw=reading.raw_of(row))
                found += 1
        reading.end(found)
    except UnreadableMessageError as error:
        cut_short = _NO_MORE if found else beginning
        yield Received(found, Unreadable(error.field, error.reason), raw=lambda: cut_short)


class _ClassListReading:
    """Where the reading of one file has got to: its header, once that is known."""

    def __init__(self, received_at: datetime) -> None:
        moment = received_at.astimezone(UTC).replace(tzinfo=None)
        self._at = moment.isoformat(timespec="microseconds") + "Z"
        self._header: ClassListRow | None = None
        self._places: Mapping[str, int] = {}

    def outcome(self, row: ClassListRow) -> SourceMessage | Unreadable | None:
        """What a row says; None for the header and blank rows. Raises for a header that is none."""
        if self._header is None:
            self._take_header(row)
            return None
        return None if row.is_blank else self._pupil(row)

    def raw_of(self, row: ClassListRow) -> "_Raw":
        """The bytes of a class list in which this row is the only one, at its place."""
        return _Raw(self._header or row, row)

    def end(self, found: int) -> None:
        """The end of the file; raises UnreadableMessageError when there was nobody in it."""
        if self._header is None or not found:
            raise UnreadableMessageError(field=FILE, reason="empty")

    def _take_header(self, row: ClassListRow) -> None:
        if row.is_blank:
            return
        names = [cell.strip().upper().replace(" ", "_") for cell in row.cells]
        places = {name: names.index(name) for name in COLUMNS if name in names}
        missing = next((name for name in REQUIRED if name not in places), None)
        if row.refused or not places:
            raise UnreadableMessageError(field=FILE, reason=row.refused or "no-known-column")
        if missing is not None:
            raise UnreadableMessageError(field=f"{FILE}/{missing}", reason="missing")
        twice = next((name for name in places if names.count(name) > 1), None)
        if twice is not None:
            raise UnreadableMessageError(field=f"{FILE}/{twice}", reason="several-values")
        self._header, self._places = row, places

    def _pupil(self, row: ClassListRow) -> SourceMessage | Unreadable:
        message_id, cells, version = None, None, Version(self._at, row.number)
        try:
            cells = self._cells(row)
            digest = _digest(cells)
            message_id = f"{NAME}/{version.at}/{digest}"
            message = source_message_from_row(cells, digest=digest, version=version)
            return with_unused(message, [*self._unread(row), *relationships_in_other_words(cells)])
        except UnreadableMessageError as error:
            about = None if cells is None else about_of_row(cells, version)
            return Unreadable(error.field, error.reason, message_id, version=version, about=about)

    def _cells(self, row: ClassListRow) -> Cells:
        """By column. More cells than columns: a comma without quotes has shifted what follows."""
        columns = len(self._header.cells) if self._header else 0
        if row.refused or any(cell.strip() for cell in row.cells[columns:]):
            raise UnreadableMessageError(
                field=f"row[{row.number}]", reason=row.refused or "too-many-cells"
            )
        there = len(row.cells)
        return Cells(
            row.number,
            {name: row.cells[at] for name, at in self._places.items() if at < there},
        )

    def _unread(self, row: ClassListRow) -> list[str]:
        """The columns of which nothing is read and that say something in this row."""
        names = self._header.cells if self._header else ()
        return [
            name.strip().upper().replace(" ", "_")
            for name, cell in zip(names, row.cells, strict=False)
            if cell.strip() and name.strip().upper().replace(" ", "_") not in self._places
        ]


def _digest(cells: Cells) -> str:
    """The same for a row that says the same, whenever it comes; so does what it says nothing of."""
    said = [f"{name}\x1e{text}" for name in COLUMNS if (text := cells.text(name))]
    said += [f"{group[0]}\x1d" for group in STATED if not cells.has(*group)]
    return sha256("\x1f".join(said).encode()).hexdigest()[:_DIGEST_CHARACTERS]


class _Raw:
    """Makes, when asked, a class list with one row, at the number that it has in the whole one."""

    __slots__ = ("_header", "_row")

    def __init__(self, header: ClassListRow, row: ClassListRow) -> None:
        self._header = header
        self._row = row

    def __call__(self) -> bytes:
        written = StringIO()
        csv.writer(written, lineterminator="\n").writerow(self._header.cells)
        before = "\n" * (self._header.number - 1)
        between = "\n" * (self._row.number - self._header.number - 1)
        return f"{before}{written.getvalue()}{between}".encode() + self._row.written
