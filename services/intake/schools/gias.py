"""Reads the file of all establishments that Get Information about Schools gives anybody. Pure."""

import csv
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import TextIOWrapper
from typing import BinaryIO, Final

from schemas.vocabulary import LabelledCode

_URN: Final = "URN"
_AUTHORITY: Final = "LA (code)"
_NUMBER: Final = "EstablishmentNumber"
_NAME: Final = "EstablishmentName"
_STATUS: Final = "EstablishmentStatus (code)"
_TELEPHONE: Final = "TelephoneNum"
_NEEDED: Final = (_URN, _AUTHORITY, _NUMBER, _NAME, _STATUS, _TELEPHONE)
_OPEN: Final = frozenset({"1", "3"})
"""Open, and open but proposed to close."""
_MOST_SCHOOLS: Final = 200_000
_LONGEST: Final = 200
_SIX_DIGITS = re.compile(r"[0-9]{6}")
_SEVEN_DIGITS = re.compile(r"[0-9]{7}")
_CALLABLE = re.compile(r"[0-9]{10,11}")
_ENCODING: Final = "cp1252"
_BOM: Final = b"\xef\xbb\xbf"


class GiasFault(LabelledCode):
    """Why a file is not taken for the register."""

    NOT_THE_REGISTER = "not-the-register", "It has not the columns of the file of establishments"
    NO_SCHOOL = "no-school", "It names no school"
    TOO_MANY = "too-many", f"It names more than {_MOST_SCHOOLS:,} schools"


@dataclass(frozen=True, slots=True)
class School:
    """A school by its reference number, by that of its authority and its own, and how to ring it.

    A closed school has a name and nothing else: its number may be another's now.
    """

    urn: str
    number: str | None
    name: str
    telephone: str | None


def read_gias(stream: BinaryIO) -> tuple[School, ...] | GiasFault:
    """Every school of the file; a row without a reference number or a name is left out.

    A number that two open schools have is nobody's.
    """
    beginning = stream.read(len(_BOM))
    encoding = "utf-8" if beginning == _BOM else _ENCODING
    if beginning != _BOM:
        stream.seek(0)
    text = TextIOWrapper(stream, encoding, errors="replace", newline="")
    rows = csv.DictReader(text)
    try:
        if not set(_NEEDED) <= set(rows.fieldnames or ()):
            return GiasFault.NOT_THE_REGISTER
        found: dict[str, School] = {}
        for school in _schools(rows):
            found[school.urn] = school
            if len(found) > _MOST_SCHOOLS:
                return GiasFault.TOO_MANY
    except csv.Error:
        return GiasFault.NOT_THE_REGISTER
    finally:
        text.detach()
    numbers = Counter(school.number for school in found.values())
    alone = (s if numbers[s.number] == 1 else replace(s, number=None) for s in found.values())
    return tuple(alone) or GiasFault.NO_SCHOOL


def _schools(rows: "csv.DictReader[str]") -> Iterator[School]:
    for row in rows:
        urn, name = ((row[column] or "").strip() for column in (_URN, _NAME))
        if not _SIX_DIGITS.fullmatch(urn) or not name:
            continue
        is_open = (row[_STATUS] or "").strip() in _OPEN
        authority, own = ((row[column] or "").strip() for column in (_AUTHORITY, _NUMBER))
        number = authority.zfill(3) + own.zfill(4) if authority and own else ""
        told = number if is_open and _SEVEN_DIGITS.fullmatch(number) else None
        yield School(urn, told, name[:_LONGEST], _telephone(row[_TELEPHONE]) if is_open else None)


def _telephone(written: str | None) -> str | None:
    """As it is dialled: the register's numbers have lost their nought where a sheet took it."""
    digits = "".join((written or "").split())
    if not _CALLABLE.fullmatch(digits):
        return None
    return digits if digits.startswith("0") else f"0{digits}"[:11]
