"""Cuts a class list into rows of cells, so that no row can spoil the next."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from connectors import limits
from schemas.errors import UnreadableMessageError

FILE: Final = "class-list"
_CHUNK: Final = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_UNREADABLE = b'"'
"""Stands for a row that is too large to keep: read again, it is refused again."""


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """One row: its number as a spreadsheet counts, its cells, its bytes; or why it has no cells."""

    number: int
    cells: tuple[str, ...]
    written: bytes
    refused: str | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in any cell."""
        return self.refused is None and not any(cell.strip() for cell in self.cells)


def rows_of(stream: BinaryIO, *, most_bytes: int) -> Iterator[Row]:
    """The rows in order, blank ones too. Holds no more than one row and the lines it may go on in.

    A row may go on over line ends inside quotes (RFC 4180, section 2). Where that does not come
    out, only the line is refused, and reading goes on with the next. Raises
    UnreadableMessageError for a file that is too large or no text.
    """
    lines = _Lines(stream, most_bytes)
    number = 0
    while lines.has_more():
        number += 1
        if number > limits.CLASS_LIST_ROWS:
            raise UnreadableMessageError(field=FILE, reason="too-many-rows")
        yield _row(number, lines)


class _Lines:
    """The lines of a stream, with a look at those that come next."""

    def __init__(self, stream: BinaryIO, most_bytes: int) -> None:
        self._lines = _lines(stream, most_bytes)
        self._ahead: deque[bytes] = deque()

    def has_more(self) -> bool:
        """Whether there is another line."""
        return next(self.ahead(), None) is not None

    def ahead(self) -> Iterator[bytes]:
        """The lines to come, without taking them."""
        for place in range(limits.CLASS_LIST_LINES_A_ROW):
            if place == len(self._ahead):
                line = next(self._lines, None)
                if line is None:
                    return
                self._ahead.append(line)
            yield self._ahead[place]

    def take(self, count: int) -> bytes:
        """Take so many."""
        return b"".join(self._ahead.popleft() for _ in range(count))


def _lines(stream: BinaryIO, most_bytes: int) -> Iterator[bytes]:
    """Lines with their ends, the byte order mark taken off. One too long is cut, which shows."""
    rest, size = b"", 0
    while chunk := stream.read(_CHUNK):
        if not size:
            chunk = chunk.removeprefix(_BOM)
        size += len(chunk)
        if size > most_bytes:
            raise UnreadableMessageError(field=FILE, reason="too-large")
        if b"\0" in chunk:
            raise UnreadableMessageError(field=FILE, reason="not-text")
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (_cut(line) + b"\n" for line in whole)
        rest = _cut(rest)
    if rest:
        yield rest


def _cut(line: bytes) -> bytes:
    return line[: limits.CLASS_LIST_ROW_BYTES + 1]


def _row(number: int, lines: _Lines) -> Row:
    """Decode and cut the next row, and take the lines it is made of."""
    first = next(lines.ahead())
    if len(first) > limits.CLASS_LIST_ROW_BYTES:
        lines.take(1)
        return Row(number, (), _UNREADABLE, "too-large")
    try:
        _decoded(first)
    except UnicodeDecodeError:
        return Row(number, (), lines.take(1), "not-utf-8")
    reader = csv.reader((_decoded(line) for line in lines.ahead()), strict=True)
    try:
        cells = next(reader, [])
    except (csv.Error, UnicodeDecodeError):  # where it goes on, it does not come out
        return Row(number, (), lines.take(1), "not-csv")
    return Row(number, tuple(cells), lines.take(reader.line_num))


def _decoded(line: bytes) -> str:
    """UTF-8, or what spreadsheets on Windows write, where accents would else lose the child.

    Text in Windows-1252 with accents is hardly ever UTF-8 as well, so this is no guess; the few
    bytes that mean nothing there raise UnicodeDecodeError.
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252")
