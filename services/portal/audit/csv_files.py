"""A list of the workbench as CSV (RFC 4180): the rows of the page that it was asked on."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from starlette.responses import Response, StreamingResponse

from services.audit.exports.rows import neutral

MOST_ROWS = 5_000
"""So many rows of a list are given as a file; whoever needs all of them has the export."""
_MORE = f"There are more than these {MOST_ROWS} rows: choose fewer days, or take an export"
_TYPE = "text/csv; charset=utf-8; header=present"


def csv_file(
    name: str, columns: Sequence[str], rows: Iterable[Sequence[object]], *, is_cut: bool = False
) -> Response:
    """Give the rows under their columns; no cell is taken for a formula, None is empty.

    `is_cut`: there are more, which the last line says.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.csv"',
        "Cache-Control": "no-store",
    }
    more = [(_MORE, *[None] * (len(columns) - 1))] if is_cut else []
    return StreamingResponse(_lines(columns, chain(rows, more)), media_type=_TYPE, headers=headers)


def _lines(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if cell is None else neutral(str(cell)) for cell in row])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()
