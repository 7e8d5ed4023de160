"""Postcodes in the database: looked up, whole or by their first part, and loaded from a file."""

from itertools import islice
from typing import Final

from sqlalchemy import Connection, text

from services.interfaces.directory.entries.facts import Point
from services.interfaces.directory.search.postcodes import (
    AREA,
    POSTCODE,
    PostcodeFile,
    plain,
)
from services.platform.database.direct import DirectConnection

_BATCH: Final = 5_000


class PostcodesInDatabase:
    """Postcodes as they were loaded last."""

    def __init__(self, connection: Connection | DirectConnection) -> None:
        self._connection = connection

    def point(self, written: str) -> Point | None:
        """Look it up, whole or its first part."""
        code = plain(written)
        whole = POSTCODE.fullmatch(code) is not None
        if not whole and not AREA.fullmatch(code):
            return None
        row = self._connection.execute(_WHOLE if whole else _PART, {"code": code}).first()
        if row is None and whole:  # a new one: where those beside it are
            row = self._connection.execute(_PART, {"code": code[:-2]}).first()
        return None if row is None else Point(row.latitude, row.longitude)


_WHOLE: Final = text("SELECT latitude, longitude FROM directory_postcode WHERE postcode = :code")
_PART: Final = text("SELECT latitude, longitude FROM directory_area WHERE area = :code")
_EMPTY: Final = text("DELETE FROM directory_postcode")
_ADD: Final = text("""
    INSERT INTO directory_postcode (postcode, latitude, longitude)
    VALUES (:postcode, :latitude, :longitude) ON CONFLICT DO NOTHING
""")
_NO_AREAS: Final = text("DELETE FROM directory_area")
_AREAS: Final = text("""
    INSERT INTO directory_area (area, latitude, longitude)
    SELECT area, avg(latitude), avg(longitude)
    FROM directory_postcode,
        unnest(ARRAY[left(postcode, -3), left(postcode, -2)]) AS parts (area)
    GROUP BY area
""")


def load_postcodes(connection: Connection, file: PostcodeFile) -> int:
    """Let a file's postcodes take the place of all; gives how many. In one transaction."""
    connection.execute(_EMPTY)
    located, count = iter(file), 0
    while batch := list(islice(located, _BATCH)):
        rows = [
            {"postcode": one.postcode}
            | {"latitude": one.point.latitude, "longitude": one.point.longitude}
            for one in batch
        ]
        connection.execute(_ADD, rows)
        count += len(rows)
    connection.execute(_NO_AREAS)
    connection.execute(_AREAS)
    return count
