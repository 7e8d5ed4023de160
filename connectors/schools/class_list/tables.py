"""A list as a table: which row is its header, what stands between its cells, and its rows."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.parsing.tables.rows import DELIMITERS, RowsOfText, TableRow
from connectors.schools.class_list.headers import REQUIRED, Columns, columns_in
from schemas.errors import UnreadableMessageError

FILE: Final = "class-list"
"""What the file is called in a refusal."""
ROWS_BEFORE_HEADER: Final = 20
"""A title, the school's name, when it was printed; whoever writes more has sent a letter."""
_SEP = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""The first line by which Excel is told what stands between cells."""


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """A list from its header on."""

    header: TableRow
    columns: Columns
    delimiter: str
    rows: Iterator[TableRow]


class HeaderSearch:
    """Goes through the first rows of a list until one names every column that is needed."""

    def __init__(self, own: Mapping[str, str]) -> None:
        self._own = own
        self._refused: str | None = None
        self._nearest: Columns | None = None
        self._is_empty = True

    def columns_of(self, row: TableRow) -> Columns | None:
        """The columns that a row names, where it is the header.

        Raises UnreadableMessageError where a column that is needed is there twice.
        """
        columns = columns_in(row.cells, self._own)
        if all(column in columns.places for column in REQUIRED):
            twice = next((column for column in REQUIRED if column in columns.twice), None)
            if twice is not None:
                raise UnreadableMessageError(field=f"{FILE}/{twice}", reason="several-values")
            return columns
        self._is_empty = self._is_empty and row.is_blank
        self._refused = self._refused or row.refused
        if columns.places and self._nearest is None:
            self._nearest = columns
        return None

    def failed(self) -> UnreadableMessageError:
        """Why none of them was."""
        if self._nearest is not None:
            there = self._nearest.places
            missing = next(column for column in REQUIRED if column not in there)
            return UnreadableMessageError(field=f"{FILE}/{missing}", reason="missing")
        otherwise = "empty" if self._is_empty else "no-known-column"
        return UnreadableMessageError(field=FILE, reason=self._refused or otherwise)


def table_of_text(rows: RowsOfText, own: Mapping[str, str]) -> Table:
    """The table in a text; raises UnreadableMessageError for a text that is none."""
    search = HeaderSearch(own)
    delimiters: tuple[str, ...] = DELIMITERS
    for _ in range(ROWS_BEFORE_HEADER + 1):
        if not rows.has_more():
            break
        row, delimiter = _best_cut(rows, delimiters, own)
        if (columns := search.columns_of(row)) is not None:
            rows.take(row)
            return Table(row, columns, delimiter, rows.rest(delimiter))
        delimiters = _told_by(row, delimiters)
        rows.take(row)
    raise search.failed()


def _best_cut(
    rows: RowsOfText, delimiters: Sequence[str], own: Mapping[str, str]
) -> tuple[TableRow, str]:
    """The next row, cut so that most of its cells are titles of ours."""
    cuts = [(rows.peek(delimiter), delimiter) for delimiter in delimiters]
    return max(cuts, key=lambda cut: len(columns_in(cut[0].cells, own).places))


def _told_by(row: TableRow, delimiters: tuple[str, ...]) -> tuple[str, ...]:
    told = _SEP.fullmatch(row.written.decode("utf-8", "replace").strip("\r\n"))
    if told is None or row.number > 1 or told[1] in {*delimiters, '"'}:
        return delimiters
    return (*delimiters, told[1])


def before_header(header: TableRow, delimiter: str) -> str:
    """What has to stand before the header so that it is read again as it was."""
    if delimiter in DELIMITERS or header.number == 1:
        return "\n" * (header.number - 1)
    return f"sep={delimiter}\n" + "\n" * (header.number - 2)
