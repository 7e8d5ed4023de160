"""Reads entries quickly, and only those that hold nothing but codes and opaque ids. Pure.

An entry's bytes are matched once against the pattern of its event, built of the same kinds of field
as the ledger's own (`consent.ledger.fields`): what matches is well-formed, and what it says stands
in the groups. Reading it as JSON beside that would cost as much again, for millions of entries.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from consent.ledger import ENTRY_VERSION
from consent.ledger.event_fields import EVENT_FIELDS
from consent.ledger.events import LedgerEvent
from consent.ledger.fields import ACTOR_TEXT, TIME_TEXT, UUID_TEXT

_NAMED = '"event":"'
_EVENTS = {event.value: event for event in LedgerEvent}
_BEFORE = 4  # groups before those of the fields

PERSON_FIELDS = ("subjects", "subject", "persons", "person", "one", "other", "kept", "joined")
"""The fields that name whom an entry is about."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What entries of an event look like; `places` is in which group a field stands."""

    event: LedgerEvent
    pattern: re.Pattern[str]
    places: Mapping[str, int]
    persons: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ShapedEntry:
    """A well-formed entry; `fields` is their canonical JSON, `groups` that of each."""

    shape: Shape
    groups: tuple[str, ...]

    @property
    def actor(self) -> str:
        """Who."""
        return self.groups[0]

    @property
    def at(self) -> str:
        """When, as it stands there."""
        return self.groups[1]

    @property
    def id(self) -> str:
        """Its id."""
        return self.groups[2]

    @property
    def fields(self) -> str:
        """All its fields, as canonical JSON."""
        return self.groups[3]

    def text(self, name: str) -> str:
        """A field as text, the items of a list with a space between; empty where it has none."""
        place = self.shape.places.get(name)
        return "" if place is None else self.groups[place].strip('[]"').replace('","', " ")

    def items(self, name: str) -> list[str]:
        """The same as a list."""
        return self.text(name).split()

    def persons(self) -> list[str]:
        """Everybody whom it is about, each once."""
        places = self.shape.persons
        if not places:
            return []
        told = " ".join([self.groups[p].strip('[]"').replace('","', " ") for p in places])
        return list(dict.fromkeys(told.split()))


def shaped(body: bytes) -> ShapedEntry | None:
    """Read an entry; None for one that is not well-formed."""
    text = body.decode("ascii", "replace")
    start = text.find(_NAMED) + len(_NAMED)
    event = _EVENTS.get(text[start : text.find('"', start)])
    if event is None:
        return None
    shape = _shape(event)
    match = shape.pattern.fullmatch(text)
    return None if match is None else ShapedEntry(shape, match.groups())


@cache
def _shape(event: LedgerEvent) -> Shape:
    names = sorted(EVENT_FIELDS[event])
    fields = ",".join(f'"{name}":({EVENT_FIELDS[event][name].json})' for name in names)
    pattern = re.compile(
        rf'\{{"actor":"({ACTOR_TEXT})","at":"({TIME_TEXT})","entry_id":"({UUID_TEXT})",'
        rf'"event":"{re.escape(event)}","fields":(\{{{fields}\}}),"v":{ENTRY_VERSION}\}}',
        re.ASCII,
    )
    places = {name: number for number, name in enumerate(names, _BEFORE)}
    persons = tuple(places[name] for name in PERSON_FIELDS if name in places)
    return Shape(event, pattern, places, persons)
