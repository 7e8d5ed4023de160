"""What is found of an entry: everything that it is searched and sorted by, from its document.

Whose address is kept from everybody has none in the document either: no place, no coordinates, no
area, on no page and in no feed of ours.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any, Final
from uuid import UUID, uuid5

from services.interfaces.directory.entries.checking import Document, EntryFault, FieldFault
from services.interfaces.directory.entries.needs import (
    MeetingWay,
    Need,
    PlaceAccess,
    access_in,
    is_sensitive,
    language_code,
    needs_in,
)
from services.interfaces.directory.entries.opening import times_of

# Great Britain, Northern Ireland and the Isle of Man: what lies elsewhere is a slip.
_SOUTH, _NORTH, _WEST, _EAST = 49.8, 61.0, -8.7, 1.9
_TAXONOMIES: Final = UUID("70e2b0a4-51c5-5b0e-9d0c-6f4b9a2f4f0d")
_NO_TAXONOMY: Final = "other"
_FIRST_WORDS: Final = 300
_LONGEST_LIFE: Final = 150


@dataclass(frozen=True, slots=True)
class Point:
    """A point on the earth, such as the middle of a postcode."""

    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """Where it is: the id of the service at that location, and its point on the earth."""

    id: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Slot:
    """A day of the week on which it may be open, Monday being 0, and from when to when."""

    day: int
    opens: time | None
    closes: time | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A service as it is kept: the document that is published, and what it is found by."""

    id: str
    name: str
    status: str
    document: Document
    digest: bytes
    is_withheld: bool
    words: str
    minimum_age: float | None
    maximum_age: float | None
    needs: tuple[Need, ...]
    terms: tuple[str, ...]
    taxonomies: tuple[str, ...]
    languages: tuple[str, ...]
    days: tuple[int, ...]
    ways: tuple[MeetingWay, ...]
    access: tuple[PlaceAccess, ...]
    is_free: bool | None
    assured_on: date | None
    places: tuple[ServicePlace, ...]
    slots: tuple[Slot, ...]
    slips: tuple[FieldFault, ...] = ()


def entry_of(document: Document, *, is_withheld: bool = False) -> Entry:
    """The entry of a checked document; `slips` are what was left out of it, field by field."""
    document = _with_taxonomies(document)
    terms = tuple(_terms(document))
    said = [document["name"], (document.get("description") or "")[:_FIRST_WORDS]]
    hidden = is_withheld or is_sensitive([*said, *(name for _, name in terms)])
    shown = _without_address(document) if hidden else document
    places, slips = _places(shown)
    schedules = [*shown.get("schedules", ()), *_schedules_there(shown)]
    slots = tuple(_slots(schedules))
    return Entry(
        id=shown["id"],
        name=shown["name"],
        status=shown["status"],
        document=shown,
        digest=hashlib.sha256(json.dumps([shown, hidden], sort_keys=True).encode()).digest(),
        is_withheld=hidden,
        words=_words(shown, terms),
        minimum_age=_age(shown.get("minimum_age")),
        maximum_age=_age(shown.get("maximum_age")),
        needs=needs_in(terms, said),
        terms=tuple(sorted({term for term, _ in terms})),
        taxonomies=tuple(sorted(_taxonomies(document))),
        languages=tuple(_languages(shown)),
        days=tuple(sorted({slot.day for slot in slots})),
        ways=_ways(shown, schedules),
        access=tuple(sorted({one for text in _about_places(shown) for one in access_in(text)})),
        is_free=_is_free(shown),
        assured_on=_assured(shown.get("assured_date")),
        places=places,
        slots=slots,
        slips=slips,
    )


def _without_address(document: Document) -> Document:
    """What can lead nobody there: a telephone number stays, every place goes."""
    kept = {k: v for k, v in document.items() if k not in {"service_at_locations", "service_areas"}}
    for name in ("schedules", "url"):
        kept.pop(name, None)
    return kept


def _places(document: Document) -> tuple[tuple[ServicePlace, ...], tuple[FieldFault, ...]]:
    found, slips = [], []
    for number, there in enumerate(document.get("service_at_locations", ())):
        location = there.get("location", {})
        latitude, longitude = location.get("latitude"), location.get("longitude")
        if latitude is None or longitude is None or location.get("location_type") == "virtual":
            continue
        if _SOUTH <= latitude <= _NORTH and _WEST <= longitude <= _EAST:
            found.append(ServicePlace(there["id"], float(latitude), float(longitude)))
        else:
            field = f"service_at_locations[{number}].location.latitude"
            slips.append(FieldFault(field, EntryFault.NO_SUCH_PLACE))
    return tuple(found), tuple(slips)


def _with_taxonomies(document: Document) -> Document:
    """Each term with the taxonomy that it is of, by an id: feeds have names for them, if that."""
    attributes = []
    for attribute in document.get("attributes", ()):
        term = attribute.get("taxonomy_term")
        if term:
            name = term.get("taxonomy") or _NO_TAXONOMY
            own = {"taxonomy": name, "taxonomy_id": str(uuid5(_TAXONOMIES, name))}
            attributes.append({**attribute, "taxonomy_term": own | term})
        else:
            attributes.append(attribute)
    return {**document, "attributes": attributes} if attributes else document


def _taxonomies(document: Document) -> Iterator[str]:
    found = (attribute.get("taxonomy_term") for attribute in document.get("attributes", ()))
    yield from {term["taxonomy_id"] for term in found if term}


def _terms(document: Document) -> Iterator[tuple[str, str]]:
    for attribute in document.get("attributes", ()):
        term = attribute.get("taxonomy_term")
        if term:
            yield term["id"], term["name"]


def _schedules_there(document: Document) -> Iterator[Mapping[str, Any]]:
    for there in document.get("service_at_locations", ()):
        yield from there.get("schedules", ())


def _words(document: Document, terms: tuple[tuple[str, str], ...]) -> str:
    parts = [document["name"], document.get("description"), document.get("alert")]
    parts += [document.get("organization", {}).get("name"), *(name for _, name in terms)]
    return "\n".join(filter(None, parts))


def _age(value: object) -> float | None:
    """An age in years; one that nobody reaches says nothing."""
    usable = isinstance(value, (int, float)) and 0 <= value <= _LONGEST_LIFE
    return float(str(value)) if usable else None


def _languages(document: Document) -> Iterator[str]:
    codes = {
        language_code(one.get("name", ""), one.get("code", ""))
        for one in document.get("languages", ())
    }
    yield from sorted(filter(None, codes))


def _slots(schedules: list[Mapping[str, Any]]) -> Iterator[Slot]:
    for one in times_of(schedules):
        for day in sorted(one.weekdays or range(7)):
            yield Slot(day, one.opens, one.closes)


def _ways(document: Document, schedules: list[Mapping[str, Any]]) -> tuple[MeetingWay, ...]:
    found = {MeetingWay.THERE} if document.get("service_at_locations") else set()
    for there in document.get("service_at_locations", ()):
        if there.get("location", {}).get("location_type") == "virtual":
            found.add(MeetingWay.ONLINE)
    said = " ".join(one.get("attending_type", "") for one in schedules).casefold()
    if "online" in said or "video" in said or "remote" in said or "phone" in said:
        found.add(MeetingWay.ONLINE)
    if "home" in said:
        found.add(MeetingWay.HOME)
    return tuple(sorted(found))


def _about_places(document: Document) -> Iterator[str]:
    for there in document.get("service_at_locations", ()):
        for one in there.get("location", {}).get("accessibility", ()):
            yield " ".join(one.get(k, "") for k in ("description", "details", "accessibility"))


def _is_free(document: Document) -> bool | None:
    costs = document.get("cost_options", ())
    amounts = [one["amount"] for one in costs if "amount" in one]
    if amounts:
        return not any(amounts)
    said = " ".join([document.get("fees", ""), *(one.get("option", "") for one in costs)])
    return True if "free" in said.casefold().split() else None


def _assured(text: object) -> date | None:
    try:
        return date.fromisoformat(str(text)[:10]) if text else None
    except ValueError:
        return None
