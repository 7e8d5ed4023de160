"""Where services lie, as a picture of our own: no script, and no map company sees who looks.

Circles say how far it is from the middle of the postcode; a point is where its entry says. The same
entries give the same bytes, and what is drawn stands in the picture's description too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import Final

from markupsafe import Markup, escape

from services.interfaces.directory.entries.facts import Point
from services.interfaces.directory.serving.words import miles

_WIDE, _HIGH = 500, 400
_MARGIN: Final = 34
_MILES_A_DEGREE: Final = 69.0937
_RINGS: Final = (0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 250.0)
_LEAST_REACH: Final = 0.5
_PIN: Final = 15
_INK, _GREY, _GROUND, _DARK = "#0b0c0c", "#505a5f", "#f6f5f1", "#143c3a"


@dataclass(frozen=True, slots=True)
class Pin:
    """A numbered entry, and its point."""

    number: int | None
    name: str
    at: Point


def map_picture(origin: Point, pins: Sequence[Pin], near: str) -> Markup:
    """Draw what lies around a postcode's middle; every number is also one of the list."""
    places = [_offset(origin, pin.at) for pin in pins]
    reach = max([_LEAST_REACH, *(max(abs(x), abs(y)) for x, y in places)])
    scale = (min(_WIDE, _HIGH) / 2 - _MARGIN) / reach
    parts = [_rect(), *_rings(reach, scale), _cross(), _north()]
    taken: list[tuple[float, float]] = []
    for pin, (x, y) in zip(pins, places, strict=True):
        parts.append(_pin(pin, *_free(_WIDE / 2 + x * scale, _HIGH / 2 - y * scale, taken)))
    told = escape(_description(pins, places, near))
    count = f"{len(pins)} {'service' if len(pins) == 1 else 'services'}"
    return Markup(  # noqa: S704 of numbers, constants and what is escaped
        f'<svg viewBox="0 0 {_WIDE} {_HIGH}" role="img" aria-labelledby="map-t map-d" '
        f'font-family="arial, sans-serif"><title id="map-t">Map picture of the {count} of this '
        f'page with a place</title><desc id="map-d">{told}</desc>{"".join(parts)}</svg>'
    )


def _offset(origin: Point, at: Point) -> tuple[float, float]:
    """How many miles east and north of the origin it is."""
    east = (at.longitude - origin.longitude) * cos(radians(origin.latitude)) * _MILES_A_DEGREE
    return east, (at.latitude - origin.latitude) * _MILES_A_DEGREE


def _rings(reach: float, scale: float) -> list[str]:
    inside = [ring for ring in _RINGS if ring <= reach][-2:] or [_RINGS[0]]
    found = []
    for ring in inside:
        radius = ring * scale
        found.append(
            f'<circle cx="{_WIDE / 2:g}" cy="{_HIGH / 2:g}" r="{radius:.1f}" fill="none" '
            f'stroke="{_GREY}" stroke-dasharray="5 4" stroke-width="1.4"/>'
            f'<rect x="{_WIDE / 2 - 36:g}" y="{_HIGH / 2 - radius - 11:.1f}" width="72" '
            f'height="19" fill="{_GROUND}"/><text x="{_WIDE / 2:g}" '
            f'y="{_HIGH / 2 - radius + 4:.1f}" font-size="14" text-anchor="middle" '
            f'fill="{_GREY}">{_far(ring)}</text>'
        )
    return found


def _far(ring: float) -> str:
    told = {0.25: "¼", 0.5: "½"}.get(ring, f"{ring:g}")
    return f"{told} {'mile' if ring <= 1 else 'miles'}"


def _pin(pin: Pin, x: float, y: float) -> str:
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_PIN}" fill="{_DARK}" stroke="#fff" '
        f'stroke-width="2.5"/><text x="{x:.1f}" y="{y + 5:.1f}" font-size="15" '
        f'text-anchor="middle" fill="#fff" font-weight="700">{pin.number}</text>'
    )


def _free(x: float, y: float, taken: list[tuple[float, float]]) -> tuple[float, float]:
    """The point, or one beside it where another number stands already."""
    while any(abs(x - a) < _PIN and abs(y - b) < _PIN for a, b in taken):
        x = x + 1.6 * _PIN if x < _WIDE - 3 * _PIN else _PIN
        y = y if x > _PIN else y + 1.6 * _PIN
    taken.append((x, y))
    return x, y


def _rect() -> str:
    return f'<rect width="{_WIDE}" height="{_HIGH}" fill="{_GROUND}"/>'


def _cross() -> str:
    x, y = _WIDE // 2, _HIGH // 2
    return f'<path d="M{x - 10} {y}h20M{x} {y - 10}v20" stroke="{_INK}" stroke-width="3.5"/>'


def _north() -> str:
    return (
        f'<path d="M470 40V14M463 22l7-10 7 10" stroke="{_INK}" stroke-width="2" fill="none"/>'
        f'<text x="470" y="56" font-size="14" text-anchor="middle" fill="{_INK}">N</text>'
    )


def _description(pins: Sequence[Pin], places: Sequence[tuple[float, float]], near: str) -> str:
    told = [
        f"{pin.name} lies {miles((x * x + y * y) ** 0.5)} {_direction(x, y)}"
        for pin, (x, y) in zip(pins, places, strict=True)
    ]
    return f"The cross is the middle of {near}. " + "; ".join(told) + "."


def _direction(east: float, north: float) -> str:
    """Which way it is, in eight directions."""
    steep = 2.414
    up = "north" if north >= 0 else "south"
    side = "east" if east >= 0 else "west"
    if abs(north) > steep * abs(east):
        return up
    return side if abs(east) > steep * abs(north) else f"{up}-{side}"
