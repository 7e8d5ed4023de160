"""What is damaged: small files of each format, in which a canary stands wherever a person is named.

They are the demonstration's families and a few of this folder's own, all invented, and the samples
and cases that lie beside this checkout, where they do.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from typing import Final

from connectors.ports import Received
from connectors.registry import read_messages
from schemas.vocabulary import Source

CANARY: Final = "Quillfeather"
"""No reason, and no field, may have any of it."""
RECEIVED_AT: Final = datetime(2026, 11, 20, 9, 30, tzinfo=UTC)
_HERE = Path(__file__).parent / "files"
_CHECKOUT = Path(__file__).parents[3]
_FAMILIES = _CHECKOUT / "deploy" / "demo" / "families"
_TEMPLATES = _CHECKOUT / "deploy" / "bench" / "invented" / "templates"
_BESIDE = _CHECKOUT.parent / "shared"
_LARGEST = 60_000

# Where a name or an address stands, in each way of writing: the canary goes before it.
_NAMED = (
    re.compile(rb'(?<=<family value=")|(?<=<given value=")|(?<=<line value=")|(?<=<text value=")'),
    re.compile(rb"(?<=<Surname>)|(?<=<Forename>)|(?<=<AddressLine1>)|(?<=<LAchildID>)"),
    re.compile(rb'(?<="(?:family)": ")|(?<="surname": ")|(?<="first_name": ")|(?<="text": ")'),
    re.compile(rb'(?<="family":")|(?<="surname":")|(?<="first_name":")|(?<="la_child_id": ")'),
    re.compile(rb"(?m)^(?=[A-Z][a-z]+,)"),
)


class Format(StrEnum):
    """What a connector reads; each is damaged by itself."""

    NEMS = "nems"
    REGISTER = "register"
    CONTACTS = "contact-list"
    CTF = "ctf"
    ROLL = "roll"
    CLASS_LIST = "class-list"
    CSC = "csc"
    CENSUS = "census"
    PLACES = "admissions-list"

    @property
    def source(self) -> Source:
        """Whose it is."""
        return _SOURCES[self]


_SOURCES = {
    Format.NEMS: Source.HEALTH_VISITING,
    Format.REGISTER: Source.HEALTH_VISITING,
    Format.CONTACTS: Source.HEALTH_VISITING,
    Format.CTF: Source.SCHOOLS,
    Format.ROLL: Source.SCHOOLS,
    Format.CLASS_LIST: Source.SCHOOLS,
    Format.CSC: Source.SOCIAL_CARE,
    Format.CENSUS: Source.SOCIAL_CARE,
    Format.PLACES: Source.SOCIAL_CARE,
}


def formats_of(source: Source) -> Sequence[Format]:
    """The formats of a source."""
    return [one for one in Format if one.source is source]


def read(form: Format, data: bytes) -> Iterator[Received]:
    """The messages in a file of that format, as whoever takes it in reads them."""
    return read_messages(form.source, BytesIO(data), received_at=RECEIVED_AT)


def seeds_of(form: Format) -> Sequence[bytes]:
    """Files to damage, in one order; each has the canary."""
    found = (_with_canary(data) for data in _SEEDS[form]())
    seeds = sorted({data for data in found if len(data) <= _LARGEST and CANARY.encode() in data})
    return seeds or [CANARY.encode()]


def _with_canary(data: bytes) -> bytes:
    for place in _NAMED:
        data = place.sub(CANARY.encode(), data)
    return data


def _files(*patterns: tuple[Path, str]) -> Iterator[bytes]:
    for folder, pattern in patterns:
        for path in sorted(folder.glob(pattern)):
            yield path.read_bytes()


def _nems() -> Iterator[bytes]:
    yield from _files(
        (_FAMILIES / "health-visiting", "*.xml"),
        (_TEMPLATES / "health_visiting", "*.xml"),
        (_HERE, "nems*.json"),
        (_BESIDE / "samples" / "health-visiting-nems", "*.xml"),
        (_BESIDE / "cases" / "health", "*.json"),
    )


def _register() -> Iterator[bytes]:
    """What the national register answers, and signals of the notification service."""
    yield from _files((_HERE, "register*.json"))


def _contacts() -> Iterator[bytes]:
    """Lists of health visitors' contacts."""
    yield from _files((_HERE, "contacts*.csv"))


def _ctf() -> Iterator[bytes]:
    """Each pupil as a file of their own, and small files as they are."""
    for data in _files((_FAMILIES / "schools", "*.xml"), (_BESIDE / "cases" / "schools", "*.xml")):
        yield data
        for received in read(Format.CTF, data):
            yield received.raw()


def _roll() -> Iterator[bytes]:
    """Each pupil as a file of their own, and a whole return."""
    for data in _files((_HERE, "roll*.xml")):
        yield data
        for received in read(Format.ROLL, data):
            yield received.raw()


def _class_lists() -> Iterator[bytes]:
    yield from _files(
        (_HERE, "class-list*.csv"),
        (_HERE, "roll*.csv"),
        (_BESIDE / "samples" / "schools", "*.csv"),
        (_BESIDE / "cases" / "schools", "*.csv"),
    )


def _csc() -> Iterator[bytes]:
    """Each child as a body of their own, and a batch of three."""
    for data in _files(
        (_FAMILIES / "social-care", "*.json"),
        (_HERE, "csc*.json"),
        (_BESIDE / "cases" / "social-care", "*.json"),
    ):
        alone = [received.raw() for received in read(Format.CSC, data)]
        yield from alone
        yield b"[%b]" % b",".join(alone[:3])


def _places() -> Iterator[bytes]:
    """Councils' lists of school places."""
    yield from _files((_HERE, "places*.csv"))


def _census() -> Iterator[bytes]:
    """Each child as a file of their own, and a whole one."""
    for data in _files((_HERE, "census*.xml"), (_BESIDE / "samples" / "social-care", "*.xml")):
        yield data
        for received in read(Format.CENSUS, data):
            yield received.raw()


_SEEDS: dict[Format, Callable[[], Iterator[bytes]]] = {
    Format.NEMS: _nems,
    Format.REGISTER: _register,
    Format.CONTACTS: _contacts,
    Format.CTF: _ctf,
    Format.ROLL: _roll,
    Format.CLASS_LIST: _class_lists,
    Format.CSC: _csc,
    Format.CENSUS: _census,
    Format.PLACES: _places,
}
