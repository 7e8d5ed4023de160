"""Finding entries in the database: one statement for a page of them, and how many there are.

The order that families see: open for this age and area first, then nearest, then checked lately,
then places free. Whose address is kept from everybody comes last and has no distance.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import cos, radians
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from services.interfaces.directory.entries.checking import Document
from services.interfaces.directory.entries.facts import Point
from services.interfaces.directory.entries.needs import MeetingWay, Need, PlaceAccess
from services.interfaces.directory.search.asked import METRES_A_MILE, ServicesAsked

_EARTH: Final = 3958.7613 * METRES_A_MILE
_DEGREE: Final = 111_195.0


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry as it is shown: its document, what it was found by, and how far its place is.

    `miles` is to the nearest of its places, whose point is `at`.
    """

    id: str
    document: Document
    is_withheld: bool
    needs: tuple[Need, ...]
    ways: tuple[MeetingWay, ...]
    access: tuple[PlaceAccess, ...]
    languages: tuple[str, ...]
    is_free: bool | None
    assured_on: date | None
    capacity: str | None
    capacity_words: str | None
    capacity_on: date | None
    is_local: bool
    miles: float | None = None
    at: Point | None = None


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of entries, and how many there are in all."""

    entries: tuple[FoundEntry, ...]
    total: int


_COLUMNS: Final = """
    s.service_id, s.document, s.is_withheld, s.needs, s.ways, s.access, s.languages, s.is_free,
    s.assured_on, s.capacity, s.capacity_words, s.capacity_on, s.feed_id IS NULL AS is_local
"""
METRES: Final = f"""
    {2 * _EARTH} * asin(least(1, sqrt(
        power(sin(radians(p.latitude - :latitude) / 2), 2)
        + cos(radians(:latitude)) * cos(radians(p.latitude))
        * power(sin(radians(p.longitude - :longitude) / 2), 2))))
"""
# Which places are near enough is asked of a box first, which an index answers.
_NEAR: Final = f"""
    near AS (
        SELECT DISTINCT ON (service_id) service_id, latitude, longitude, metres
        FROM (SELECT p.service_id, p.latitude, p.longitude, {METRES} AS metres
              FROM directory_place AS p
              WHERE p.latitude BETWEEN :south AND :north
                AND p.longitude BETWEEN :west AND :east) AS placed
        WHERE metres <= :metres
        ORDER BY service_id, metres
    ),
"""  # noqa: S608 of constant parts
_FOUND: Final = """
    found AS (
        SELECT s.service_id, {distance}, count(*) OVER () AS total,
            row_number() OVER (ORDER BY s.is_withheld, s.status <> 'active',
                {distance_order}, s.assured_on DESC NULLS LAST,
                s.capacity IS DISTINCT FROM 'places', s.name, s.service_id) AS place
        FROM directory_service AS s {join}
        WHERE s.status IN ('active', 'temporarily closed'){conditions}
        ORDER BY place LIMIT :limit OFFSET :offset
    )
"""
_SHOWN: Final = """
    SELECT {columns}, f.metres, f.latitude, f.longitude, f.total
    FROM found AS f JOIN directory_service AS s USING (service_id) ORDER BY f.place
"""
_NO_PLACE: Final = "NULL::float8 AS metres, NULL::float8 AS latitude, NULL::float8 AS longitude"
# What comes to a family or has its address kept from everybody has no place to be too far away.
_REACHES: Final = "(near.service_id IS NOT NULL OR s.is_withheld OR s.ways && '{at-home,online}')"
_CONDITIONS: Final[Mapping[str, str]] = {
    "need": "s.needs @> ARRAY[CAST(:need AS text)]",
    "words": "s.found @@ websearch_to_tsquery('english', :words)",
    "age": "(s.minimum_age IS NULL OR s.minimum_age <= :age) "
    "AND (s.maximum_age IS NULL OR :age < s.maximum_age + 1)",
    "day": "s.days @> ARRAY[CAST(:day AS smallint)]",
    "language": "s.languages @> ARRAY[CAST(:language AS text)]",
    "access": "s.access @> CAST(:access AS text[])",
    "is_free": "s.is_free",
    "is_not_there": "s.ways && '{at-home,online}'",
}
_ONE: Final = text(f"""
    SELECT {_COLUMNS}, NULL AS metres FROM directory_service AS s WHERE service_id = :id
""")  # noqa: S608 of constant parts


def find(connection: Connection, asked: ServicesAsked) -> FoundPage:
    """A page of what somebody looks for."""
    values = _values(asked)
    conditions = [_CONDITIONS[name] for name in _CONDITIONS if name in values]
    near, join, distance, order = "", "", _NO_PLACE, "s.name IS NULL"
    if asked.origin is not None:
        metres = None if asked.within is None else asked.within * METRES_A_MILE
        values |= box_around(asked.origin, metres)
        near, join = _NEAR, "LEFT JOIN near USING (service_id)"
        distance = "near.metres, near.latitude, near.longitude"
        order = "CASE WHEN s.is_withheld THEN NULL ELSE near.metres END NULLS LAST"
        if metres is not None:
            conditions.append(_REACHES)
    values |= {"limit": asked.per_page, "offset": (asked.page - 1) * asked.per_page}
    found = _FOUND.format(
        distance=distance,
        distance_order=order,
        join=join,
        conditions="".join(f" AND {one}" for one in conditions),
    )
    shown = _SHOWN.format(columns=_COLUMNS)
    rows = connection.execute(text(f"WITH {near} {found} {shown}"), values).all()
    return FoundPage(tuple(map(_entry, rows)), rows[0].total if rows else 0)


def entry(connection: Connection, service: str) -> FoundEntry | None:
    """One entry, whatever became of it."""
    row = connection.execute(_ONE, {"id": service}).first()
    return None if row is None else _entry(row)


def _values(asked: ServicesAsked) -> dict[str, Any]:
    """What is asked for, by the names of conditions; what is not, is left out."""
    said = {
        "need": None if asked.need is None else asked.need.value,
        "words": asked.words or None,
        "age": asked.age,
        "day": asked.day,
        "language": asked.language,
        "access": sorted(asked.access) or None,
        "is_free": asked.is_free or None,
        "is_not_there": asked.is_not_there or None,
    }
    return {name: value for name, value in said.items() if value is not None}


def box_around(origin: Point, metres: float | None) -> dict[str, float]:
    """The box around a point in which everything lies that is no further than that."""
    reach = 20_100_000.0 if metres is None else metres
    up = reach / _DEGREE
    across = min(360.0, up / max(0.01, cos(radians(min(89.0, abs(origin.latitude) + up)))))
    return {
        "latitude": origin.latitude,
        "longitude": origin.longitude,
        "south": origin.latitude - up,
        "north": origin.latitude + up,
        "west": origin.longitude - across,
        "east": origin.longitude + across,
        "metres": reach,
    }


def _entry(row: Row[Any]) -> FoundEntry:
    metres = row.metres
    return FoundEntry(
        str(row.service_id),
        row.document,
        row.is_withheld,
        tuple(map(Need, row.needs)),
        tuple(map(MeetingWay, row.ways)),
        tuple(map(PlaceAccess, row.access)),
        tuple(row.languages),
        row.is_free,
        row.assured_on,
        row.capacity,
        row.capacity_words,
        row.capacity_on,
        row.is_local,
        None if metres is None or row.is_withheld else metres / METRES_A_MILE,
        None if metres is None or row.is_withheld else Point(row.latitude, row.longitude),
    )
