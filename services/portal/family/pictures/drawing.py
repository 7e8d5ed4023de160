"""What our own pictures are drawn of: SVG in presentation attributes, as the policy asks for."""

from collections.abc import Iterable

from markupsafe import Markup

INK, GREY, LINE, BAR = "#0b0c0c", "#484949", "#b1b4b6", "#00625a"
"""Words, words beside, thin lines, and what stands out; each on white."""
_TEXT = Markup('<text x="{}" y="{}" font-size="{}" fill="{}" text-anchor="{}"{}>{}</text>')
_BOX = Markup('<rect x="{}" y="{}" width="{}" height="{}" fill="{}"/>')
_DIAMOND = Markup('<path d="M{} {}l8 8l-8 8l-8 -8z" fill="{}" stroke="#ffffff" stroke-width="2"/>')
_SIGN = Markup('<circle cx="{}" cy="{}" r="{}" fill="{}" stroke="{}" stroke-width="2"/>')
_PICTURE = Markup(
    '<svg class="{classes}" viewBox="0 0 {width} {height}" role="img" '
    'aria-labelledby="{name}-title {name}-text" font-family="arial, sans-serif">'
    '<title id="{name}-title">{title}</title><desc id="{name}-text">{said}</desc>'
    '<rect width="{width}" height="{height}" fill="#ffffff"/>{lines}{labels}</svg>'
)
_RULE = Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}" stroke-width="{}"/>')


def text(
    at: tuple[int, int],
    words: str,
    size: int,
    *,
    fill: str = INK,
    bold: bool = False,
    anchor: str = "start",
) -> Markup:
    """Write words, of which `at` is the foot of the first letter, or as `anchor` says."""
    weight = Markup(' font-weight="700"') if bold else Markup("")
    return _TEXT.format(*at, size, fill, anchor, weight, words)


def rule(start: tuple[int, int], end: tuple[int, int], stroke: str, width: int) -> Markup:
    """Draw a line from one point to another."""
    return _RULE.format(*start, *end, stroke, width)


def rect(x: int, y: int, width: int, height: int, *, fill: str) -> Markup:
    """Draw a filled box, of which the first two are its upper left corner."""
    return _BOX.format(x, y, width, height, fill)


def diamond(x: int, y: int, fill: str) -> Markup:
    """Draw something that happened, with a white line round it so that it shows on a bar."""
    return _DIAMOND.format(x, y - 8, fill)


def sign(at: tuple[int, int], size: int, colour: str, *, is_filled: bool) -> Markup:
    """Draw a circle for what happened; hollow for what is not known to have."""
    return _SIGN.format(*at, size, colour if is_filled else "#ffffff", colour)


def svg(
    name: str,
    size: tuple[int, int],
    words: tuple[str, str],
    lines: Iterable[Markup],
    labels: Iterable[Markup],
    *,
    classes: str,
) -> Markup:
    """Put a picture together, of which `words` are title and text; its labels over its lines."""
    return _PICTURE.format(
        classes=classes,
        name=name,
        width=size[0],
        height=size[1],
        title=words[0],
        said=words[1],
        lines=Markup("").join(lines),
        labels=Markup("").join(labels),
    )


def cut(words: str, most: int) -> str:
    """As many letters as there is room for; what stands beside the picture has all of them."""
    return words if len(words) <= most else f"{words[: most - 1].rstrip()}…"
