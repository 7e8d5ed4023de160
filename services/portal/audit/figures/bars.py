"""Bars of counts as SVG: deterministic, in presentation attributes alone, with the counts in words.

The page's policy forbids style attributes. A hidden count is an outline of one height for all, so
that the picture tells no more than the table beside it.
"""

from collections.abc import Sequence
from decimal import Decimal

from markupsafe import Markup

from services.audit.figures.suppression import Shown

HIDDEN = "hidden"
"""The one mark of every suppressed figure."""
_WIDTH, _HEIGHT, _GAP = 210, 64, 3
_OUTLINE = 9
_COLOUR, _LINE = "#00625a", "#505a5f"
_BAR = Markup('<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}"/>')
_HOLLOW = Markup(
    '<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="none" stroke="{stroke}" '
    'stroke-dasharray="2 2"/>'
)
_PICTURE = Markup(
    '<svg viewBox="0 0 {width} {height}" width="100%" role="img" '
    'aria-labelledby="{id}-title {id}-text">'
    '<title id="{id}-title">{title}</title><desc id="{id}-text">{text}</desc>'
    '{bars}<path d="M0 {ground}h{width}" stroke="{stroke}" stroke-width="1"/></svg>'
)


def bars(name: str, title: str, counts: Sequence[Shown], *, highest: int) -> Markup:
    """Draw counts, the oldest first, on a scale that ends at `highest`; `name` is its id."""
    width = Decimal(_WIDTH) / max(1, len(counts))
    drawn = Markup("").join(
        _bar(width * number, width - _GAP, count, highest) for number, count in enumerate(counts)
    )
    return _PICTURE.format(
        id=name,
        title=title,
        text=", ".join(in_words(count) for count in counts) or "None",
        bars=drawn,
        width=_WIDTH,
        height=_HEIGHT + 2,
        ground=_HEIGHT,
        stroke=_LINE,
    )


def in_words(count: Shown) -> str:
    """A count as text; the mark where it is hidden."""
    return HIDDEN if count is None else f"{count:,}"


def highest_of(*lines: Sequence[Shown]) -> int:
    """The highest count that is shown in several pictures: they have one scale."""
    return max((count for line in lines for count in line if count is not None), default=0)


def _bar(x: Decimal, width: Decimal, count: Shown, highest: int) -> Markup:
    if count == 0:
        return Markup("")
    height = Decimal(_OUTLINE) if count is None else Decimal(_HEIGHT) * count / max(1, highest)
    at = {"x": _number(x + 1), "width": _number(width), "height": _number(height)}
    at["y"] = _number(_HEIGHT - height)
    if count is None:
        return _HOLLOW.format(**at, stroke=_LINE)
    return _BAR.format(**at, fill=_COLOUR)


def _number(value: Decimal) -> str:
    return f"{value:.1f}"
