"""Whether a document is a service of Open Referral UK 3.0, and if not, which field is wrong.

Of what is kept nothing can harm who reads it: no link but to the web, no letter that cannot be
kept, nothing endless. A fault names a record's field and never holds what stood there.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from connectors.parsing.plain_text import is_text
from services.interfaces.directory.entries.shape import (
    FILLED_IN,
    SHAPES,
    Choice,
    Many,
    One,
    ValueKind,
    What,
)

Document = dict[str, Any]
"""A service, or a part of one, as JSON."""

MOST_LETTERS: Final = 20_000
MOST_ITEMS: Final = 500
_EMAIL: Final = re.compile(r"[^@\s<>\"]+@[^@\s<>\"]+\.[^@\s<>\".]+")
_MOST_FAULTS: Final = 20


class EntryFault(StrEnum):
    """What is wrong with a field."""

    MISSING = "missing"
    NOT_AN_OBJECT = "not-an-object"
    NOT_A_LIST = "not-a-list"
    NOT_TEXT = "not-text"
    NOT_A_NUMBER = "not-a-number"
    NOT_A_UUID = "not-a-uuid"
    NOT_A_LINK = "not-a-link"
    NOT_AN_EMAIL = "not-an-email-address"
    NOT_A_MOMENT = "not-a-date-and-time"
    NOT_IN_LIST = "not-in-the-list"
    TOO_LONG = "too-long"
    NO_SUCH_PLACE = "no-such-place"
    TWICE = "twice-in-the-feed"
    NOT_AS_COUNTED = "not-as-counted"
    ANOTHERS = "belongs-to-another-feed"


@dataclass(frozen=True, slots=True)
class FieldFault:
    """A field, by its path from the record, and what is wrong with it."""

    field: str
    fault: EntryFault


@dataclass(frozen=True, slots=True)
class CheckedDocument:
    """A document with what is known of it, and what is wrong: with faults it is not to be used."""

    document: Document
    faults: tuple[FieldFault, ...]


def check_service(document: object) -> CheckedDocument:
    """Check a service with everything in it."""
    return check(document, "service")


def check(document: object, shape: str) -> CheckedDocument:
    """Check an object of that shape."""
    faults: list[FieldFault] = []
    found = _DocumentPass(faults).an_object(document, shape, "")
    return CheckedDocument(found, tuple(faults[:_MOST_FAULTS]))


class _DocumentPass:
    """One pass over a document, gathering faults."""

    def __init__(self, faults: list[FieldFault]) -> None:
        self._faults = faults

    def an_object(self, value: object, shape: str, place: str) -> Document:
        """What is known of it."""
        if not isinstance(value, Mapping):
            self._fault(place or shape, EntryFault.NOT_AN_OBJECT)
            return {}
        known = SHAPES[shape]
        given = {**FILLED_IN.get(shape, {}), **{k: v for k, v in value.items() if v is not None}}
        for name in sorted(known.required - given.keys()):
            self._fault(_below(place, name), EntryFault.MISSING)
        called = given.get("name")
        if isinstance(called, str) and not called.strip():
            self._fault(_below(place, "name"), EntryFault.MISSING)
        found = {}
        for name, what in known.fields.items():
            if name in given:
                found[name] = self._value(given[name], what, _below(place, name))
        return found

    def _value(self, value: object, what: What, place: str) -> object:
        match what:
            case One(shape):
                return self.an_object(value, shape, place)
            case Many(shape):
                return list(self._items(value, shape, place))
            case Choice(among):
                if not isinstance(value, str) or value not in among:
                    self._fault(place, EntryFault.NOT_IN_LIST)
                return value
            case ValueKind():
                fault = _KINDS[what](value)
                if fault is not None:
                    self._fault(place, fault)
                return value.lower() if what is ValueKind.ID and isinstance(value, str) else value

    def _items(self, value: object, shape: str, place: str) -> Iterator[Document]:
        if not isinstance(value, list):
            self._fault(place, EntryFault.NOT_A_LIST)
            return
        if len(value) > MOST_ITEMS:
            self._fault(place, EntryFault.TOO_LONG)
        for number, item in enumerate(value[:MOST_ITEMS]):
            yield self.an_object(item, shape, f"{place}[{number}]")

    def _fault(self, place: str, fault: EntryFault) -> None:
        self._faults.append(FieldFault(place, fault))


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _text(value: object) -> EntryFault | None:
    if not isinstance(value, str) or not is_text(value):
        return EntryFault.NOT_TEXT
    return EntryFault.TOO_LONG if len(value) > MOST_LETTERS else None


def _number(value: object) -> EntryFault | None:
    is_one = isinstance(value, (int, float)) and not isinstance(value, bool)
    return None if is_one and math.isfinite(float(str(value))) else EntryFault.NOT_A_NUMBER


def _id(value: object) -> EntryFault | None:
    try:
        known = UUID(value) if isinstance(value, str) else None
    except ValueError:
        known = None
    return None if known is not None and str(known) == str(value).lower() else EntryFault.NOT_A_UUID


def _link(value: object) -> EntryFault | None:
    """Only to the web: a link of any other scheme is followed by a browser too."""
    if (fault := _text(value)) is not None:
        return fault
    try:
        parts = urlsplit(str(value))
    except ValueError:
        return EntryFault.NOT_A_LINK
    is_web = parts.scheme in {"http", "https"} and parts.hostname and " " not in str(value)
    return None if is_web else EntryFault.NOT_A_LINK


def _email(value: object) -> EntryFault | None:
    if (fault := _text(value)) is not None:
        return fault
    return None if _EMAIL.fullmatch(str(value)) else EntryFault.NOT_AN_EMAIL


def _moment(value: object) -> EntryFault | None:
    try:
        datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        return EntryFault.NOT_A_MOMENT
    return None


_KINDS: Final[Mapping[ValueKind, Callable[[object], EntryFault | None]]] = {
    ValueKind.ID: _id,
    ValueKind.TEXT: _text,
    ValueKind.LINK: _link,
    ValueKind.EMAIL: _email,
    ValueKind.NUMBER: _number,
    ValueKind.MOMENT: _moment,
}
