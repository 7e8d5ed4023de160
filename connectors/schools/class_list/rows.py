"""Cuts a class list into rows, so that no row can spoil the next, and reads a row's cells."""

import csv
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Final

from connectors.parsing import limits
from connectors.parsing.demographics import postcode_as_compared
from schemas.errors import UnreadableMessageError
from schemas.identifiers import Identifier, nhs_number_identifier

FILE: Final = "class-list"
_CHUNK: Final = 64 * 1024
_BOM = b"\xef\xbb\xbf"
_UNREADABLE = b'"'
"""Stands for a row that is too large to keep: read again, it is refused again."""


@dataclass(frozen=True, slots=True, repr=False)
class ClassListRow:
    """One row: its number as a spreadsheet counts, its cells, its bytes; or why it has no cells."""

    number: int
    cells: tuple[str, ...]
    written: bytes
    refused: str | None = None

    @property
    def is_blank(self) -> bool:
        """Whether there is nothing in any cell."""
        return self.refused is None and not any(cell.strip() for cell in self.cells)


def rows_of(stream: BinaryIO, *, most_bytes: int) -> Iterator[ClassListRow]:
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


def _row(number: int, lines: _Lines) -> ClassListRow:
    """Decode and cut the next row, and take the lines it is made of."""
    first = next(lines.ahead())
    if len(first) > limits.CLASS_LIST_ROW_BYTES:
        lines.take(1)
        return ClassListRow(number, (), _UNREADABLE, "too-large")
    try:
        _decoded(first)
    except UnicodeDecodeError:
        return ClassListRow(number, (), lines.take(1), "not-utf-8")
    reader = csv.reader((_decoded(line) for line in lines.ahead()), strict=True)
    try:
        cells = next(reader, [])
    except (csv.Error, UnicodeDecodeError):  # where it goes on, it does not come out
        return ClassListRow(number, (), lines.take(1), "not-csv")
    return ClassListRow(number, tuple(cells), lines.take(reader.line_num))


def _decoded(line: bytes) -> str:
    """UTF-8, or what spreadsheets on Windows write, where accents would else lose the child.

    Text in Windows-1252 with accents is hardly ever UTF-8 as well, so this is no guess; the few
    bytes that mean nothing there raise UnicodeDecodeError.
    """
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252")


# The cells of one row by their columns, read and checked.

_NUMBER = re.compile(r"[0-9]{10}")
_DATE_WITH_SLASHES = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]? [0-9][A-Z]{2}|BFPO ?[0-9]{1,4}")
_FEWEST_DIGITS = 7


@dataclass(frozen=True, slots=True, repr=False)
class Cells:
    """What one row says, by column; a refusal names row and column, never what stands there."""

    number: int
    by_column: Mapping[str, str]

    def text(self, column: str) -> str | None:
        """What stands there; None for nothing."""
        return " ".join(self.by_column.get(column, "").split()) or None

    def has(self, *columns: str) -> bool:
        """Whether the list has any of these columns: an empty cell there is a statement."""
        return any(column in self.by_column for column in columns)

    def required(self, column: str) -> str:
        """What stands there; raises UnreadableMessageError for nothing."""
        text = self.text(column)
        if text is None:
            raise self.refusal(column, "missing")
        return text

    def date(self, column: str) -> str:
        """A day, written 2015-09-01 or 01/09/2015, as YYYY-MM-DD; raises UnreadableMessageError.

        The day comes before the month, as it does in this country.
        """
        text = self.required(column)
        try:
            if _ISO_DATE.fullmatch(text):
                return date.fromisoformat(text).isoformat()
            if found := _DATE_WITH_SLASHES.fullmatch(text):
                day, month, year = map(int, found.groups())
                return date(year, month, day).isoformat()
        except ValueError:
            pass
        raise self.refusal(column, "not-a-date")

    def nhs_number(self, column: str) -> Identifier | None:
        """An NHS number, however it is spaced; unverified when its check digit does not agree.

        Raises UnreadableMessageError for what is not ten digits: a column has shifted then.
        """
        text = self.text(column)
        if text is None:
            return None
        if not _NUMBER.fullmatch(re.sub(r"[\s-]", "", text)):
            raise self.refusal(column, "not-ten-digits")
        return nhs_number_identifier(text)

    def postcode(self, column: str) -> str | None:
        """A postcode; raises UnreadableMessageError for what is not of that form."""
        postcode = postcode_as_compared(self.text(column))
        if postcode is not None and not _POSTCODE.fullmatch(postcode.upper()):
            raise self.refusal(column, "not-a-postcode")
        return postcode

    def email(self, column: str) -> str | None:
        """An e-mail address; raises UnreadableMessageError for what is not of that form."""
        text = self.text(column)
        if text is not None and not _EMAIL.fullmatch(text):
            raise self.refusal(column, "not-an-email-address")
        return text

    def telephone(self, column: str) -> str | None:
        """A telephone number as written; raises UnreadableMessageError for too few digits."""
        text = self.text(column)
        if text is not None and sum(map(str.isdigit, text)) < _FEWEST_DIGITS:
            raise self.refusal(column, "not-a-telephone-number")
        return text

    def refusal(self, column: str, reason: str) -> UnreadableMessageError:
        """Why the row cannot be read."""
        return UnreadableMessageError(field=f"row[{self.number}]/{column}", reason=reason)
