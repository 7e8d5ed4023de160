"""Damage done to lists of values: rows, cells, titles, quotes, what separates them."""

import csv
from collections.abc import Callable, Sequence
from io import StringIO
from random import Random
from typing import Final

from deploy.bench.mutating.odd_values import any_text
from deploy.bench.mutating.room import copies
from deploy.bench.mutating.seeds import CANARY

_SHORT: Final = 100
_Rows = list[list[str]]
_Change = Callable[[_Rows, Random], None]


def damaged_cells(data: bytes, random: Random, seeds: Sequence[bytes]) -> bytes:
    """The same list with one to three changes, written in one of the ways of spreadsheets."""
    del seeds
    try:
        rows = list(csv.reader(StringIO(data.decode("utf-8", "replace"))))
    except csv.Error:
        return data
    for _ in range(random.randint(1, 3)):
        if any(rows):
            random.choice(_CHANGES)(rows, random)
    written = StringIO()
    csv.writer(
        written,
        delimiter=random.choice((",",) * 8 + (";", "\t")),
        quoting=random.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        lineterminator=random.choice(("\n", "\r\n", "\r")),
    ).writerows(rows)
    return written.getvalue().encode("utf-8", "surrogatepass")


def _cell(rows: _Rows, random: Random) -> tuple[int, int]:
    row = random.choice([number for number, row in enumerate(rows) if row])
    return row, random.randrange(len(rows[row]))


def _say_otherwise(rows: _Rows, random: Random) -> None:
    row, column = _cell(rows, random)
    rows[row][column] = any_text(random)


def _drop_cell(rows: _Rows, random: Random) -> None:
    row, column = _cell(rows, random)
    del rows[row][column]


def _add_cell(rows: _Rows, random: Random) -> None:
    row, column = _cell(rows, random)
    text = any_text(random)
    rows[row][column:column] = [text] * random.choice((1, 1, 300 if len(text) < _SHORT else 1))


def _swap_cells(rows: _Rows, random: Random) -> None:
    (row, column), (other, place) = _cell(rows, random), _cell(rows, random)
    rows[row][column], rows[other][place] = rows[other][place], rows[row][column]


def _quote(rows: _Rows, random: Random) -> None:
    row, column = _cell(rows, random)
    text = rows[row][column]
    rows[row][column] = random.choice(
        (f'"{text}', f'{text}"', f'"{text}\n', f'{text}","', "\n" * 70)
    )


def _drop_row(rows: _Rows, random: Random) -> None:
    del rows[random.randrange(len(rows))]


def _double_row(rows: _Rows, random: Random) -> None:
    at = random.randrange(len(rows))
    asked = random.choice((1, 1, 3, 200))
    rows[at:at] = [list(rows[at])] * copies(asked, sum(map(len, rows[at])) + len(rows[at]))


def _swap_rows(rows: _Rows, random: Random) -> None:
    one, other = random.randrange(len(rows)), random.randrange(len(rows))
    rows[one], rows[other] = rows[other], rows[one]


def _title(rows: _Rows, random: Random) -> None:
    if rows[0]:
        column = random.randrange(len(rows[0]))
        title = rows[0][column]
        others = (title.lower(), f" {title}\u00a0", f"{title}_2", CANARY, "", *rows[0][:1])
        rows[0][column] = random.choice(others)


_CHANGES: Final[tuple[_Change, ...]] = (
    *(_say_otherwise,) * 5,
    *(_drop_cell, _add_cell, _swap_cells, _quote, _drop_row, _double_row, _swap_rows, _title),
)
