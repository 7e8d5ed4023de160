"""Postcodes and their points: no third party is asked where somebody looks for help.

They come from a file with the columns of the ONS Postcode Directory: `pcds` (or `pcd`), `lat` and
`long`. Those without a grid reference have 99.999999 there and are left out. Of the first part of a
postcode, and of that with the next digit, the middle is kept: it is enough, and less is told.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from services.interfaces.directory.entries.facts import Point
from services.platform.errors import ServiceError

POSTCODE: Final = re.compile(r"([A-Z]{1,2}[0-9][A-Z0-9]?)([0-9][A-Z]{2})")
AREA: Final = re.compile(r"[A-Z]{1,2}[0-9][A-Z0-9]?[0-9]?")
_NOWHERE: Final = 90.0
_LONGEST: Final = 12


class PostcodesInvalidError(ServiceError):
    """A file is not one of postcodes: it lacks a column, or a line of it is none."""


class Postcodes(Protocol):
    """Where postcodes are. It MUST NOT ask anybody outside, nor keep or log what it is asked."""

    def point(self, written: str) -> Point | None:
        """The middle of a postcode, or of its first part; None for one that is not known."""


@dataclass(frozen=True, slots=True)
class Located:
    """A postcode without its space, and its point."""

    postcode: str
    point: Point


class PostcodeFile:
    """A file of postcodes, read line by line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __iter__(self) -> Iterator[Located]:
        """Every postcode that has a point. Raises PostcodesInvalidError, OSError."""
        with self._path.open(newline="", encoding="utf-8-sig") as file:
            rows = csv.DictReader(file)
            names = set(rows.fieldnames or ())
            column = next((name for name in ("pcds", "pcd", "pcd7", "pcd8") if name in names), None)
            if column is None or not {"lat", "long"} <= names:
                raise PostcodesInvalidError("the file has no columns pcds, lat and long")
            for number, row in enumerate(rows, start=2):
                found = _located(row, column, number)
                if found is not None:
                    yield found


def plain(written: str) -> str:
    """A postcode as somebody wrote it, in capitals and without spaces."""
    return "".join(written.upper().split())[:_LONGEST]


def _located(row: Mapping[str, str], column: str, number: int) -> Located | None:
    code = plain(row[column] or "")
    try:
        point = Point(float(row["lat"]), float(row["long"]))
    except (TypeError, ValueError):
        raise PostcodesInvalidError(f"line {number} has no lat and long") from None
    if not POSTCODE.fullmatch(code):
        raise PostcodesInvalidError(f"line {number} has no postcode")
    return Located(code, point) if abs(point.latitude) < _NOWHERE else None
