"""Reads lists under titles that we publish: one message a row, for senders without a system.

A title is known whatever its capitals and spaces. What stands under no known one is counted and not
read; a cell without which the row still says something costs itself.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import BinaryIO, Final

from connectors.parsing import limits
from connectors.parsing.peek import look_at
from connectors.parsing.tables.cells import Cells, Check, named, tidied, without_faults
from connectors.parsing.tables.encodings import LineDecoder, as_lines_of_bytes, is_utf_16
from connectors.parsing.tables.rows import DELIMITERS, RowsOfText, TableRow, written_row
from connectors.ports import AboutWhom, Received, Unreadable
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage, Version
from schemas.records.unused import NO_NAME, FaultyPart, Unused, as_fields

AS_AT: Final = "AS_AT"
"""The column of when a row was true: a day or a moment; where it is empty, when the list came."""
_MOST_KEPT: Final = limits.CLASS_LIST_ROW_BYTES * (limits.CLASS_LIST_LINES_A_ROW + 1)
_DIGEST_CHARACTERS: Final = 24
_LOOK_AT: Final = 4096
_OTHER_FORMATS: Final = frozenset({b"<", b"{", b"["})
_NO_MORE: Final = b"\0"
_LONGEST_TITLE: Final = 40
_CLOCKS_DIFFER: Final = timedelta(days=1)
"""What was true later than that after a list came would stand before all that comes meanwhile."""


@dataclass(frozen=True, slots=True)
class ListTemplate:
    """What a list under our own titles is.

    `name` is what the file is called in a refusal; `by` are titles of which one is in its header
    and in no other list's. `message` makes a message of a row: cells, its id, its version; it
    raises UnreadableMessageError. `about` says whom a row names that cannot be read.
    """

    name: str
    by: str
    required: tuple[str, ...]
    columns: tuple[str, ...]
    checked: Mapping[str, Check]
    message: Callable[[Cells, str, Version], SourceMessage]
    about: Callable[[Cells, Version], AboutWhom]

    def is_in(self, beginning: bytes) -> bool:
        """Whether a file begins as this list: its first row has the title of no other."""
        if beginning[:1] in _OTHER_FORMATS or beginning.lstrip()[:1] in _OTHER_FORMATS:
            return False
        text = beginning.decode("utf-16" if is_utf_16(beginning) else "utf-8-sig", "ignore")
        first = next((line for line in text.splitlines() if line.strip()), "")
        for delimiter in DELIMITERS:
            first = first.replace(delimiter, "\n")
        return self.by in {named(title.strip('"')) for title in first.split("\n")}


def begins_as(stream: BinaryIO, template: ListTemplate) -> tuple[bool, BinaryIO]:
    """Whether a stream is this list, and the stream as if nobody had looked."""
    beginning, whole = look_at(stream, _LOOK_AT)
    return template.is_in(beginning), whole


def read_template(
    stream: BinaryIO,
    template: ListTemplate,
    *,
    received_at: datetime,
    most_bytes: int = limits.CLASS_LIST_FILE_BYTES,
) -> Iterator[Received]:
    """The rows of a list; `received_at` (aware) versions those that do not say when they were true.

    What makes the rest of a file unreadable comes last; the rows before it stand.
    """
    beginning, whole = look_at(stream, _MOST_KEPT)
    text, decoder = as_lines_of_bytes(whole, beginning, field=template.name), LineDecoder
    found = 0
    try:
        rows = RowsOfText(
            text, decoder.for_file(beginning), field=template.name, most_bytes=most_bytes
        )
        for received in _ListReading(template, rows, received_at).messages():
            yield received
            found += 1
    except UnreadableMessageError as error:
        cut_short = _NO_MORE if found else beginning
        yield Received(found, Unreadable(error.field, error.reason), raw=lambda: cut_short)


class _ListReading:
    """One list while it is read."""

    def __init__(self, template: ListTemplate, rows: RowsOfText, received_at: datetime) -> None:
        self._template = template
        self._rows = rows
        moment = received_at.astimezone(UTC).replace(tzinfo=None)
        self._at = moment.isoformat(timespec="microseconds") + "Z"
        self._latest = (moment + _CLOCKS_DIFFER).isoformat(timespec="microseconds") + "Z"
        self._latest_year = moment.year

    def messages(self) -> Iterator[Received]:
        """Each row; raises UnreadableMessageError where there are none."""
        header, delimiter = self._header()
        titles = [named(title) for title in header.cells]
        self._refuse_titles(titles)
        found = 0
        for row in self._rows.rest(delimiter):
            if not row.is_blank:
                yield self._received(found, row, titles)
                found += 1
        if not found:
            raise UnreadableMessageError(field=self._template.name, reason="empty")

    def _header(self) -> tuple[TableRow, str]:
        """The first row that holds anything, cut so that most of its cells are titles of ours."""
        while self._rows.has_more():
            cuts = [(self._rows.peek(delimiter), delimiter) for delimiter in DELIMITERS]
            row, delimiter = max(cuts, key=lambda cut: self._known_in(cut[0]))
            self._rows.take(row)
            if not row.is_blank:
                return row, delimiter
        raise UnreadableMessageError(field=self._template.name, reason="empty")

    def _known_in(self, row: TableRow) -> int:
        return len({named(cell) for cell in row.cells} & set(self._template.columns))

    def _refuse_titles(self, titles: list[str]) -> None:
        name = self._template.name
        for title in self._template.required:
            if title not in titles:
                raise UnreadableMessageError(field=f"{name}/{title}", reason="missing")
        for title in self._template.columns:
            if titles.count(title) > 1:
                raise UnreadableMessageError(field=f"{name}/{title}", reason="several-values")

    def _received(self, index: int, row: TableRow, titles: list[str]) -> Received:
        version, outcome = self._outcome(row, titles)
        # Kept with when it was true, and at its number: read again it is the same message.
        cells = dict(zip(titles, row.cells, strict=False))
        known = [title for title in self._template.columns if title in cells and title != AS_AT]
        kept = [AS_AT, *known], [version.at, *(cells[title] for title in known)]
        between = "\n" * (row.number - 2)
        return Received(index, outcome, raw=lambda: _written(kept, between))

    def _outcome(
        self, row: TableRow, titles: list[str]
    ) -> tuple[Version, SourceMessage | Unreadable]:
        version, message_id, cells = Version(self._at, row.number), None, None
        try:
            cells, faults = without_faults(self._cells(row, titles), self._template.checked)
            moment = _moment(cells)
            if moment is not None and moment > self._latest:
                faults = (*faults, FaultyPart(f"row[{row.number}]/{AS_AT}", "contradicts"))
                moment = None
            version = Version(moment or self._at, row.number)
            message_id = f"{self._template.name}/{version.at}/{self._digest(cells)}"
            message = self._template.message(cells, message_id, version)
            return version, replace(message, unused=self._unused(row, titles, faults))
        except UnreadableMessageError as error:
            about = None if cells is None else self._template.about(cells, version)
            told = Unreadable(error.field, error.reason, message_id, version=version, about=about)
            return version, told

    def _cells(self, row: TableRow, titles: list[str]) -> Cells:
        if row.refused or any(cell.strip() for cell in row.cells[len(titles) :]):
            raise UnreadableMessageError(
                field=f"row[{row.number}]", reason=row.refused or "too-many-cells"
            )
        by_column = {
            title: tidied(cell)
            for title, cell in zip(titles, row.cells, strict=False)
            if title in self._template.columns
        }
        return Cells(row.number, by_column, self._latest_year)

    def _digest(self, cells: Cells) -> str:
        said = (
            f"{name}\x1e{text}" for name, text in sorted(cells.by_column.items()) if name != AS_AT
        )
        return sha256("\x1f".join(said).encode()).hexdigest()[:_DIGEST_CHARACTERS]

    def _unused(self, row: TableRow, titles: list[str], faults: tuple[FaultyPart, ...]) -> Unused:
        others = (
            title if title.isascii() and 0 < len(title) <= _LONGEST_TITLE else NO_NAME
            for title, cell in zip(titles, row.cells, strict=False)
            if title not in self._template.columns and cell.strip()
        )
        name = self._template.name
        return Unused(fields=as_fields(f"{name}/{title}" for title in others), faults=faults)


def _moment(cells: Cells) -> str | None:
    """When a row was true; raises UnreadableMessageError for what is neither day nor moment."""
    text = cells.text(AS_AT)
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.fromisoformat(cells.date(AS_AT))
    try:
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError as error:
        raise cells.refusal(AS_AT, "not-a-date") from error
    return moment.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _written(kept: tuple[list[str], list[str]], between: str) -> bytes:
    titles, cells = kept
    return (written_row(tuple(titles), ",") + between + written_row(tuple(cells), ",")).encode()
