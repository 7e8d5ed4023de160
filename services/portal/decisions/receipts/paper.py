"""What of a receipt needs a library of its own: one sheet of paper in PDF, and the square on it.

The PDF is made by WeasyPrint where it and its libraries are installed. The same receipt gives the
same bytes on one machine and version, so a hash of it stands for it. It is tagged (PDF/UA-1) and
fetches nothing: whatever the words say, no file or address is opened.

The square (QR code, ISO/IEC 18004), by segno, names a copy without reading it out. It holds the
opaque number of the receipt and nothing else: whoever finds the paper learns nothing by it.
"""

from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from markupsafe import Markup

_VARIANT = "pdf/ua-1"


@cache
def _weasyprint() -> Any | None:
    """The library, or None: its own libraries (pango) are found only when it is loaded."""
    try:
        return import_module("weasyprint")
    except (ImportError, OSError):
        return None


def can_be_made() -> bool:
    """Whether a PDF can be made here; where not, the page prints as well."""
    return _weasyprint() is not None


def pdf_of(page: str) -> bytes:
    """The page, which carries its own style, as PDF. Only where it `can_be_made`."""
    library: Any = _weasyprint()
    nothing = library.urls.URLFetcher(allowed_protocols=(), allow_redirects=False)
    document = library.HTML(string=page, url_fetcher=nothing)
    made: bytes = document.write_pdf(pdf_variant=_VARIANT)
    return made


# The square: own SVG in presentation attributes.

_QUIET = 4
"""So many modules of white around it, as the standard asks."""
_DRAWN = Markup(
    '<svg class="app-square" viewBox="0 0 {size} {size}" width="150" height="150" '
    'aria-hidden="true" shape-rendering="crispEdges">'
    '<rect width="{size}" height="{size}" fill="#ffffff"/><path d="{runs}" fill="#000000"/></svg>'
)


def number_in(receipt_id: str) -> str:
    """What the square holds."""
    return f"urn:tell-once:receipt:{receipt_id}"


def square(receipt_id: str) -> Markup:
    """Draw it, each run of dark modules as one rectangle."""
    if find_spec("segno") is None:
        return Markup("")
    code = import_module("segno").make(number_in(receipt_id), micro=False)
    rows = [bytes(row) for row in code.matrix]
    runs = [
        f"M{start + _QUIET} {y + _QUIET}h{end - start}v1h-{end - start}z"
        for y, row in enumerate(rows)
        for start, end in _runs(row)
    ]
    return _DRAWN.format(size=len(rows) + 2 * _QUIET, runs="".join(runs))


def _runs(row: bytes) -> list[tuple[int, int]]:
    """Where dark modules begin and end."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and found and found[-1][1] == x:
            found[-1] = (found[-1][0], x + 1)
        elif dark:
            found.append((x, x + 1))
    return found
