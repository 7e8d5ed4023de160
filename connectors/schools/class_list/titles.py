"""What one school calls the columns of its lists, as somebody wrote it down for it. Pure.

In: a list under the titles of `schemas/published/school-titles-template.csv`, a row a title.
Out: what each of the school's own titles means (`headers.columns_in`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from connectors.parsing.tables.cells import named, tidied
from connectors.parsing.tables.encodings import LineDecoder, as_lines_of_bytes
from connectors.parsing.tables.rows import DELIMITERS, RowsOfText, TableRow
from connectors.schools.class_list.headers import KNOWN, NOT_READ
from schemas.errors import UnreadableMessageError
from schemas.vocabulary import LabelledCode

THEIR_TITLE: Final = "THEIR_TITLE"
OUR_COLUMN: Final = "OUR_COLUMN"
MOST_BYTES: Final = 64 * 1024
_MOST_TITLES: Final = 200
_LONGEST_TITLE: Final = 100
_FILE: Final = "school-titles"


class TitleFault(LabelledCode):
    """What is wrong with a file of a school's own titles, or with one row of it."""

    NOT_A_LIST = "not-a-list", "It has to be text in columns, as CSV"
    NO_HEADER = "no-header", f"Its first row has to be {THEIR_TITLE}, {OUR_COLUMN}"
    EMPTY = "empty", "It says of no title what it means"
    TOO_MANY = "too-many", f"It may say so of {_MOST_TITLES} titles at most"
    NO_TITLE = "no-title", "Write the school's own title, with a letter or a figure in it"
    UNKNOWN = "unknown-column", f"Write a column of the class list template, or {NOT_READ}"
    TITLE_TWICE = "title-twice", "The same title stands above: it can mean one thing"
    COLUMN_TWICE = "column-twice", "Another title above means this column: choose one"


@dataclass(frozen=True, slots=True)
class FaultyTitle:
    """One row that says nothing that can be kept; row 0 is the file."""

    row: int
    fault: TitleFault


@dataclass(frozen=True, slots=True)
class SchoolTitles:
    """A school's own titles, as it writes them, each with the column that it means."""

    meaning: Mapping[str, str]

    @property
    def by_name(self) -> Mapping[str, str]:
        """As a header is compared with them."""
        return {named(title): column for title, column in self.meaning.items()}


def read_school_titles(data: bytes) -> SchoolTitles | tuple[FaultyTitle, ...]:
    """What the file says, or everything that is wrong with it: half of it is never kept."""
    try:
        rows = list(_rows(data))
    except UnreadableMessageError:
        return (FaultyTitle(0, TitleFault.NOT_A_LIST),)
    if not rows or [named(cell) for cell in rows[0].cells[:2]] != [THEIR_TITLE, OUR_COLUMN]:
        return (FaultyTitle(0, TitleFault.NO_HEADER),)
    meaning: dict[str, str] = {}
    faults = []
    for row in rows[1:]:
        title, column = (tidied(cell) for cell in (*row.cells, "", "")[:2])
        fault = _fault_of(title, named(column), meaning)
        if fault is not None:
            faults.append(FaultyTitle(row.number, fault))
        else:
            meaning[title] = named(column)
    if not meaning and not faults:
        faults.append(FaultyTitle(0, TitleFault.EMPTY))
    if len(meaning) > _MOST_TITLES:
        faults.append(FaultyTitle(0, TitleFault.TOO_MANY))
    return tuple(faults) or SchoolTitles(meaning)


def _fault_of(title: str, column: str, before: Mapping[str, str]) -> TitleFault | None:
    if not named(title) or len(title) > _LONGEST_TITLE:
        return TitleFault.NO_TITLE
    if column not in KNOWN and column != NOT_READ:
        return TitleFault.UNKNOWN
    if named(title) in {named(other) for other in before}:
        return TitleFault.TITLE_TWICE
    return TitleFault.COLUMN_TWICE if column in set(before.values()) - {NOT_READ} else None


def _rows(data: bytes) -> Iterator[TableRow]:
    """The rows that hold anything; raises UnreadableMessageError for no text, or too much."""
    text, decoder = as_lines_of_bytes(BytesIO(data), data, field=_FILE), LineDecoder.for_file(data)
    rows = RowsOfText(text, decoder, field=_FILE, most_bytes=MOST_BYTES)
    delimiters: tuple[str, ...] = DELIMITERS
    while rows.has_more():
        cut = [(rows.peek(delimiter), delimiter) for delimiter in delimiters]
        row, delimiter = max(cut, key=lambda one: len(one[0].cells))
        rows.take(row)
        if row.refused:
            raise UnreadableMessageError(field=_FILE, reason=row.refused)
        if not row.is_blank:
            delimiters = (delimiter,)
            yield row
