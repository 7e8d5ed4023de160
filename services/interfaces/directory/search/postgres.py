"""Finding entries in the database: a page of them, and how many there are.

The order that families see: open for this age and area first, then nearest, then checked lately,
then places free. Whose address is kept from everybody comes last and has no distance.

What entries are found by stands in narrow rows (`directory_findable`, which the database keeps as
entries are): whole ones are read of those that are shown, and only by whoever has not read that
version of them before.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from math import cos, radians
from typing import Any, Final

from sqlalchemy import Connection, Row, TextClause, text

from services.interfaces.directory.entries.checking import Document
from services.interfaces.directory.entries.facts import Point
from services.interfaces.directory.entries.needs import MeetingWay, Need, PlaceAccess
from services.interfaces.directory.search.asked import METRES_A_MILE, ServicesAsked
from services.platform.database.direct import DirectConnection

Asking = Connection | DirectConnection
"""What reads: a transaction's connection, or the driver's own."""
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


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """Where an entry was found that is not read yet; its version is another when it changed."""

    id: str
    version: str
    miles: float | None
    at: Point | None


@dataclass(frozen=True, slots=True)
class PlacesPage:
    """A page of entries that are not read yet, and how many there are in all."""

    places: tuple[FoundPlace, ...]
    total: int


_COLUMNS: Final = """
    s.service_id, s.document, s.is_withheld, s.needs, s.ways, s.access, s.languages, s.is_free,
    s.assured_on, s.capacity, s.capacity_words, s.capacity_on, s.feed_id IS NULL AS is_local
"""


def metres(place: str, shrink: str) -> str:
    """How far a place is: `shrink` is the cosine of its latitude."""
    return f"""
    {2 * _EARTH} * asin(least(1, sqrt(
        power(sin(radians({place}.latitude - :latitude) / 2), 2)
        + cos(radians(:latitude)) * {shrink}
        * power(sin(radians({place}.longitude - :longitude) / 2), 2))))
    """


METRES: Final = metres("p", "cos(radians(p.latitude))")
# The least of nothing and one is one: what has no place would lie on the other side of the earth.
_FAR: Final = f"CASE WHEN f.latitude IS NOT NULL THEN {metres('f', 'f.shrink')} END"
_ORDER: Final = "assured_on DESC NULLS LAST, has_no_room, name, service_id"
_PAGE: Final = "LIMIT :limit OFFSET :offset"
# A box is asked first, which an index answers. What comes to a family or has its address kept from
# everybody has no place to be too far away.
_REACHED: Final = """
    (f.latitude BETWEEN :south AND :north AND f.longitude BETWEEN :west AND :east
        OR f.comes_to_family OR f.is_withheld)
"""
# The nearest of an entry's places: few have several.
_NEAREST: Final = f"""
    (places = 1 OR NOT EXISTS (
        SELECT FROM directory_findable AS f WHERE f.service_id = found.service_id
        AND ({_FAR}, f.place) < (found.metres, found.place)))
"""
_SHOWN: Final = text(f"""
    SELECT f.version, {_COLUMNS}
    FROM directory_service AS s JOIN directory_findable AS f USING (service_id)
    WHERE f.place = 1 AND s.service_id = ANY(CAST(:ids AS uuid[]))
""")  # noqa: S608 of constant parts
_CONDITIONS: Final[Mapping[str, str]] = {
    "need": "f.needs @> ARRAY[CAST(:need AS text)]",
    "age": "(f.minimum_age IS NULL OR f.minimum_age <= :age) "
    "AND (f.maximum_age IS NULL OR :age < f.maximum_age + 1)",
    "day": "CAST(:day AS smallint) = ANY(f.days)",
    "language": "CAST(:language AS text) = ANY(f.languages)",
    "access": "f.access @> CAST(:access AS text[])",
    "is_free": "f.is_free",
    "is_not_there": "f.comes_to_family",
    "words": "f.words @@ (SELECT websearch_to_tsquery('english', :words))",
}
_ONE: Final = text(f"""
    SELECT {_COLUMNS} FROM directory_service AS s WHERE service_id = :id
""")  # noqa: S608 of constant parts


def find(connection: Asking, asked: ServicesAsked) -> FoundPage:
    """A page of what somebody looks for: which they are and in which order, and then each whole."""
    page = find_places(connection, asked)
    rows = entries_by_version(connection, [place.id for place in page.places])
    whole = {one.id: one for one in rows.values()}
    return FoundPage(
        tuple(
            replace(whole[place.id], miles=place.miles, at=place.at)
            for place in page.places
            if place.id in whole
        ),
        page.total,
    )


def find_places(connection: Asking, asked: ServicesAsked) -> PlacesPage:
    """A page of what somebody looks for, in order, without the entries themselves."""
    values = _values(asked)
    statement = _statement(
        tuple(name for name in _CONDITIONS if name in values),
        is_near=asked.origin is not None,
        is_within=asked.within is not None,
    )
    if asked.origin is not None:
        values |= box_around(asked.origin, _metres(asked))
    values |= {"limit": asked.per_page, "offset": (asked.page - 1) * asked.per_page}
    rows = connection.execute(statement, values).all()
    return PlacesPage(tuple(map(_place, rows)), rows[0].total if rows else 0)


def entries_by_version(connection: Asking, ids: Iterable[str]) -> dict[str, FoundService]:
    """Entries that are listed, each with all that is shown of it, by their versions as of now."""
    rows = connection.execute(_SHOWN, {"ids": list(ids)})
    return {str(row.version): _entry(row) for row in rows}


def entry(connection: Asking, service: str) -> FoundService | None:
    """One entry, whatever became of it."""
    row = connection.execute(_ONE, {"id": service}).first()
    return None if row is None else _entry(row)


@lru_cache(maxsize=1_024)
def _statement(names: tuple[str, ...], *, is_near: bool, is_within: bool) -> TextClause:
    """With what is asked for, and no more: each of the few forms is planned by itself."""
    conditions = "".join(f" AND {_CONDITIONS[name]}" for name in names)
    if not is_near:
        return text(f"""
            SELECT service_id, version, NULL AS metres, count(*) OVER () AS total
            FROM directory_findable AS f WHERE f.place = 1{conditions}
            ORDER BY standing, {_ORDER} {_PAGE}
        """)  # noqa: S608 of constant parts
    told, reached, within = "metres", "true", ""
    if is_within:
        told = "CASE WHEN metres <= :metres THEN metres END"
        reached = _REACHED
        within = "(metres <= :metres OR comes_to_family OR is_withheld) AND"
    return text(f"""
        SELECT service_id, version, {told} AS metres, latitude, longitude,
            count(*) OVER () AS total
        FROM (SELECT f.*, {_FAR} AS metres FROM directory_findable AS f
              WHERE {reached}{conditions} OFFSET 0) AS found
        WHERE {within} {_NEAREST}
        ORDER BY standing, 3 NULLS LAST, {_ORDER} {_PAGE}
    """)  # noqa: S608 of constant parts


def _metres(asked: ServicesAsked) -> float | None:
    return None if asked.within is None else asked.within * METRES_A_MILE


def _values(asked: ServicesAsked) -> dict[str, Any]:
    """What is asked for, by the names of conditions; what is not, is left out."""
    said = {
        "need": None if asked.need is None else asked.need.value,
        "words": asked.words or None,
        "age": asked.age,
        "day": asked.day,
        "language": asked.language,
        "access": sorted(one.value for one in asked.access) or None,
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


def _place(row: Row[Any]) -> FoundPlace:
    if row.metres is None:
        return FoundPlace(str(row.service_id), str(row.version), None, None)
    at = Point(row.latitude, row.longitude)
    return FoundPlace(str(row.service_id), str(row.version), row.metres / METRES_A_MILE, at)


def _entry(row: Row[Any]) -> FoundService:
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
    )
