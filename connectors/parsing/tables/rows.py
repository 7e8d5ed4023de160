"""Cuts a list into rows, so that no row can spoil the next."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from typing import BinaryIO, Final

from connectors.parsing import limits
from connectors.parsing.tables.encodings import LineDecoder
from schemas.errors import UnreadableMessageError

COMMA: Final = ","
DELIMITERS: Final = (COMMA, ";", "\t", "|")
"""What stands between cells; which of them, the header shows."""
_CHUNK: Final = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_UNREADABLE = b'"'
"""Stands for a row that is too large to keep: read again, it is refused again."""


@dataclass(frozen=True, slots=True, repr=False)
class TableRow:
    """One row: its number as a spreadsheet counts, its cells, its bytes; or why it has no cells.

    `lines` is over how many lines of the file it goes.
    """

    number: int
    cells: tuple[str, ...]
    written: bytes
    refused: str | None = None
    lines: int = 1

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in any cell."""
        return self.refused is None and not any(cell.strip() for cell in self.cells)


class RowsOfText:
    """The rows of a file in order, blank ones too.

    Holds no more than one row and the lines it may go on in. A row may go on over line ends inside
    quotes (RFC 4180, section 2). Where that does not come out, only the line is refused, and
    reading goes on with the next. Raises UnreadableMessageError, by which `field` names the file,
    for one that is too large or no text.
    """

    def __init__(
        self, stream: BinaryIO, decoder: LineDecoder, *, field: str, most_bytes: int
    ) -> None:
        self._lines = _Lines(stream, field, most_bytes)
        self._field = field
        self._decoder = decoder
        self._number = 0

    def has_more(self) -> bool:
        """Whether there is another row."""
        return self._lines.has_more()

    def peek(self, delimiter: str) -> TableRow:
        """The next row, cut at this sign, without taking it."""
        if self._number >= limits.CLASS_LIST_ROWS:
            raise UnreadableMessageError(field=self._field, reason="too-many-rows")
        return self._cut(self._number + 1, delimiter)

    def take(self, row: TableRow) -> TableRow:
        """Go on behind a row that was peeked at."""
        self._lines.take(row.lines)
        self._number = row.number
        return row

    def rest(self, delimiter: str) -> Iterator[TableRow]:
        """The rows from here on."""
        while self.has_more():
            yield self.take(self.peek(delimiter))

    def _cut(self, number: int, delimiter: str) -> TableRow:
        """Decode and cut the next row."""
        first = next(self._lines.ahead())
        if len(first) > limits.CLASS_LIST_ROW_BYTES:
            return TableRow(number, (), _UNREADABLE, "too-large")
        try:
            text = self._decoder.decoded(first)
        except UnicodeDecodeError:
            return TableRow(number, (), first, "encoding-unclear")
        texts: list[str] = []
        reader = csv.reader(self._decoded(texts), strict=True, delimiter=delimiter)
        try:
            cells = next(reader, [])
        except (csv.Error, UnicodeDecodeError):  # where it goes on, it does not come out
            return TableRow(number, (), text.encode(), "not-csv")
        written = "".join(texts[: reader.line_num]).encode()
        return TableRow(number, tuple(cells), written, lines=reader.line_num)

    def _decoded(self, texts: list[str]) -> Iterator[str]:
        """The lines to come as text, each noted: kept is what can be read again by itself."""
        for line in self._lines.ahead():
            texts.append(self._decoder.decoded(line))
            yield texts[-1]


class _Lines:
    """The lines of a stream, with a look at those that come next."""

    def __init__(self, stream: BinaryIO, field: str, most_bytes: int) -> None:
        self._lines = _lines(stream, field, most_bytes)
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

    def take(self, count: int) -> None:
        """Take so many."""
        for _ in range(count):
            self._ahead.popleft()


def _lines(stream: BinaryIO, field: str, most_bytes: int) -> Iterator[bytes]:
    """Lines with their ends, the byte order mark taken off. One too long is cut, which shows."""
    rest, size = b"", 0
    while chunk := stream.read(_CHUNK):
        if not size:
            chunk = chunk.removeprefix(_BOM)
        size += len(chunk)
        if size > most_bytes:
            raise UnreadableMessageError(field=field, reason="too-large")
        if b"\0" in chunk:
            raise UnreadableMessageError(field=field, reason="not-text")
        *whole, rest = (rest + chunk).split(b"\n")
        yield from (_cut(line) + b"\n" for line in whole)
        rest = _cut(rest)
    if rest:
        yield rest


def _cut(line: bytes) -> bytes:
    return line[: limits.CLASS_LIST_ROW_BYTES + 1]


def written_row(cells: tuple[str, ...], delimiter: str) -> str:
    """A row as text that reads again as these cells."""
    written = StringIO()
    csv.writer(written, lineterminator="\n", delimiter=delimiter).writerow(cells)
    return written.getvalue()
