"""The fields of a CSC payload, and where in a child's file at an authority each record lies.

A field's type is checked, and a refusal names it.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from connectors.parsing import limits
from connectors.parsing.demographics import is_iso_date
from connectors.parsing.plain_text import can_be_encoded
from connectors.parsing.strict_json import Json
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record, clearing
from schemas.records.payloads import Payload, Period
from schemas.vocabulary import Action, Category, Label

_LA_CODE = re.compile(r"[0-9]{3}")


def text(block: Json, name: str, *, within: str = "") -> str | None:
    """A text or number as text; None when absent or blank. Raises UnreadableMessageError."""
    value = block.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise UnreadableMessageError(field=within + name, reason="not-text")
    written = str(value)
    if "\0" in written or not can_be_encoded(written):  # PostgreSQL holds neither
        raise UnreadableMessageError(field=within + name, reason="not-text")
    return written.strip() or None


def is_empty(block: Json, name: str) -> bool:
    """Whether a field is there and says nothing: that there is no such date any more."""
    return name in block and block[name] in {None, ""}


def texts(block: Json, name: str, *, within: str = "") -> tuple[str, ...] | None:
    """A list of texts without its blanks; None when absent. Raises UnreadableMessageError."""
    value = block.get(name)
    if value is None:
        return None
    if not isinstance(value, list):
        raise UnreadableMessageError(field=within + name, reason="not-a-list")
    found = (text({name: one}, name, within=within) for one in value)
    return tuple(one for one in found if one is not None)


def required_text(block: Json, name: str, *, within: str = "") -> str:
    """An id, which must be there and not be too long. Raises UnreadableMessageError."""
    value = text(block, name, within=within)
    if value is None:
        raise UnreadableMessageError(field=within + name, reason="missing")
    if len(value) > limits.IDENTIFIER_CHARACTERS:
        raise UnreadableMessageError(field=within + name, reason="too-long")
    return value


def key_part(number: str) -> str:
    """An id as one part of a source id, in which slashes separate the parts."""
    return number.replace("%", "%25").replace("/", "%2F")


def flag(block: Json, name: str, *, within: str = "") -> bool | None:
    """True, false or not said. Raises UnreadableMessageError for anything else."""
    value = block.get(name)
    if value is None or isinstance(value, bool):
        return value
    raise UnreadableMessageError(field=within + name, reason="not-a-boolean")


def is_purged(block: Json, *, within: str = "") -> bool:
    """Whether the authority takes this block back."""
    return flag(block, "purge", within=within) is True


def day(block: Json, name: str, *, within: str = "") -> str | None:
    """A date as YYYY-MM-DD. Raises UnreadableMessageError for what is not one."""
    value = text(block, name, within=within)
    if value is not None and not is_iso_date(value):
        raise UnreadableMessageError(field=within + name, reason="not-a-date")
    return value


def period(block: Json, start: str, end: str, *, within: str = "") -> Period:
    """From one date to another, which may not come before it. Raises UnreadableMessageError."""
    begun, ended = day(block, start, within=within), day(block, end, within=within)
    if begun and ended and ended < begun:
        raise UnreadableMessageError(field=within + end, reason=f"contradicts:{within}{start}")
    return Period(begun, ended)


def block_of(parent: Json, name: str, *, within: str = "") -> Json:
    """An object inside another; empty when absent. Raises UnreadableMessageError."""
    value = parent.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UnreadableMessageError(field=within + name, reason="not-an-object")
    return value


def blocks_of(parent: Json, name: str, *, within: str = "") -> Iterator[Json]:
    """The objects of a list inside another object. Raises UnreadableMessageError."""
    value = parent.get(name)
    if value is None:
        return
    if not isinstance(value, list):
        raise UnreadableMessageError(field=within + name, reason="not-a-list")
    for item in value:
        if not isinstance(item, dict):
            raise UnreadableMessageError(field=within + name, reason="not-an-object")
        yield item


def la_code_of(value: Any) -> str:
    """A local authority's three digits, sent as number or text. Raises UnreadableMessageError."""
    code = text({"la_code": value}, "la_code")
    if code is None:
        raise UnreadableMessageError(field="la_code", reason="missing")
    if not _LA_CODE.fullmatch(code):
        raise UnreadableMessageError(field="la_code", reason="not-a-code")
    return code


# Where a record lies: its id, and the scopes around it.

_NO_LABELS: frozenset[Label] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class Place:
    """A child, an episode, a plan: its `key` is the id of its own record and names its scope.

    `scopes` end with the key. What lies in a place can be taken back with it.
    """

    key: str
    ref: str
    scopes: tuple[str, ...]

    def inside(self, name: str) -> "Place":
        """A place within this one."""
        key = f"{self.key}/{name}"
        return Place(key, self.ref, (*self.scopes, key))

    def record(
        self, category: Category, payload: Payload, *, labels: frozenset[Label] = _NO_LABELS
    ) -> Record:
        """The place's own record."""
        return Record(self.key, category, (self.ref,), payload, labels=labels, scopes=self.scopes)

    def part(self, name: str, category: Category, payload: Payload) -> Record:
        """What completes the place's own record, which need not come with it."""
        return Record(
            f"{self.key}/{name}",
            category,
            (self.ref,),
            payload,
            scopes=self.scopes,
            part_of=self.key,
        )

    def without(self, name: str, category: Category) -> Record:
        """The removal of a part."""
        return Record(
            f"{self.key}/{name}", category, (self.ref,), None, Action.REMOVE, scopes=self.scopes
        )

    def cleared(self, category: Category, *, keeps: tuple[str, ...] = ()) -> Record:
        """Everything in the place is taken back, but for what the message carries or `keeps`."""
        return clearing(self.key, category, (self.ref,), scopes=self.scopes[:-1], keeps=keeps)


def child_place(la_code: str, number: str, *, ref: str) -> Place:
    """Where everything lies that an authority says of one child; ids are written by `key_part`."""
    key = f"{la_code}/{number}"
    return Place(key, ref, (key,))


# What begins and ends: told in two records, because a source that sends what changed tells one.
#
# A sender that diffs (data-to-insight's does) tells the end of a plan with its id and its end date
# alone. So the beginning is the record, its end a part of it, and a field that is not there says
# nothing; one that is there and empty says that there is no end.

_END = "end"
_KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Dates:
    """From when until when, as far as it was said; `is_open`: said to have no end."""

    start: str | None
    end: str | None
    is_open: bool = False


def dates_of(block: Json, start: str, end: str, *, within: str) -> Dates:
    """The dates in two fields. Raises UnreadableMessageError where they contradict each other."""
    said = period(block, start, end, within=within)
    return Dates(said.start, said.end, is_open=is_empty(block, end))


def dated_records(
    place: Place, category: Category, dates: Dates, payload_of: Callable[[Period], Payload]
) -> Iterator[Record]:
    """The beginning, the end, or only that there is such a thing."""
    if dates.start is not None:
        yield place.record(category, payload_of(Period(dates.start)))
    if dates.end is not None:
        yield place.part(_END, category, payload_of(Period(None, dates.end)))
    elif dates.is_open:
        yield place.without(_END, category)
    if dates.start is None and dates.end is None:
        yield place.part(_KNOWN, category, payload_of(Period()))
