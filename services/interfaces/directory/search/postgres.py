"""Finding entries in the database: a page of them, and how many there are.

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
class FoundService:
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

    entries: tuple[FoundService, ...]
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
# The nearest place of each within a distance. A box is asked first, which an index answers, and the
# services are looked up by what is in it: a join the other way round compares all with all.
_NEAR: Final = f"""
    near AS (
        SELECT DISTINCT ON (service_id) service_id, latitude, longitude, metres
        FROM (SELECT p.service_id, p.latitude, p.longitude, {METRES} AS metres
              FROM directory_place AS p
              WHERE p.latitude BETWEEN :south AND :north
                AND p.longitude BETWEEN :west AND :east) AS placed
        WHERE metres <= :metres ORDER BY service_id, metres
    ),
"""  # noqa: S608 of constant parts
_RANKED: Final = """
    s.service_id, s.is_withheld, s.status, s.assured_on, s.capacity, s.name
"""
_FROM: Final = (
    "FROM directory_service AS s {join} WHERE s.status IN ('active', 'temporarily closed')"
)
_NO_PLACE: Final = "NULL::float8 AS metres, NULL::float8 AS latitude, NULL::float8 AS longitude"
_PLACE: Final = "near.metres, near.latitude, near.longitude"
# What comes to a family or has its address kept from everybody has no place to be too far away.
_REACHES: Final = """
    AND (s.is_withheld OR s.ways && '{at-home,online}')
    AND NOT EXISTS (SELECT FROM near WHERE near.service_id = s.service_id)
"""
_FOUND: Final = """
    SELECT service_id, metres, latitude, longitude, count(*) OVER () AS total FROM found
    ORDER BY is_withheld, status <> 'active', CASE WHEN NOT is_withheld THEN metres END NULLS LAST,
        assured_on DESC NULLS LAST, capacity IS DISTINCT FROM 'places', name COLLATE "C",
        service_id
    LIMIT :limit OFFSET :offset
"""
_SHOWN: Final = text(f"""
    SELECT {_COLUMNS} FROM directory_service AS s
    WHERE s.service_id = ANY(CAST(:ids AS uuid[]))
""")  # noqa: S608 of constant parts
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
    SELECT {_COLUMNS} FROM directory_service AS s WHERE service_id = :id
""")  # noqa: S608 of constant parts


def find(connection: Connection, asked: ServicesAsked) -> FoundPage:
    """A page of what somebody looks for: which they are and in which order, and then each whole."""
    values = _values(asked)
    conditions = "".join(f" AND {_CONDITIONS[name]}" for name in _CONDITIONS if name in values)
    statement = _statement(asked, conditions)
    if asked.origin is not None:
        values |= box_around(asked.origin, _metres(asked))
    values |= {"limit": asked.per_page, "offset": (asked.page - 1) * asked.per_page}
    rows = connection.execute(text(statement), values).all()
    shown = connection.execute(_SHOWN, {"ids": [str(row.service_id) for row in rows]})
    whole = {row.service_id: row for row in shown}
    entries = tuple(_entry(whole[row.service_id], row) for row in rows)
    return FoundPage(entries, rows[0].total if rows else 0)


def _statement(asked: ServicesAsked, conditions: str) -> str:
    """With what is asked for, and no more: each of the few forms is planned by itself."""
    plain = _FROM.format(join="") + conditions
    if asked.origin is None:
        return f"WITH found AS (SELECT {_RANKED}, {_NO_PLACE} {plain}) {_FOUND}"
    if asked.within is None:
        placed = _FROM.format(join="LEFT JOIN directory_place AS p USING (service_id)")
        return (
            f"WITH found AS (SELECT DISTINCT ON (s.service_id) {_RANKED}, {METRES} AS metres, "
            f"p.latitude, p.longitude {placed}{conditions} ORDER BY s.service_id, metres) {_FOUND}"
        )
    near = _NEAR
    joined = _FROM.format(join="JOIN near USING (service_id)") + conditions
    return (
        f"WITH {near} found AS (SELECT {_RANKED}, {_PLACE} {joined} "
        f"UNION ALL SELECT {_RANKED}, {_NO_PLACE} {plain} {_REACHES}) {_FOUND}"
    )


def _metres(asked: ServicesAsked) -> float | None:
    return None if asked.within is None else asked.within * METRES_A_MILE


def entry(connection: Connection, service: str) -> FoundService | None:
    """One entry, whatever became of it."""
    row = connection.execute(_ONE, {"id": service}).first()
    return None if row is None else _entry(row, None)


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


def _entry(row: Row[Any], placed: Row[Any] | None) -> FoundService:
    metres = None if placed is None or row.is_withheld else placed.metres
    return FoundService(
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
        None if metres is None else metres / METRES_A_MILE,
        None if placed is None or metres is None else Point(placed.latitude, placed.longitude),
    )
