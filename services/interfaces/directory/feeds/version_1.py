"""A service of Open Referral UK 1 as one of 3.0: the same facts under their newer names.

Version 1 has ids that are no UUIDs and lists that 3.0 has renamed, split or dropped. Each id
becomes one that follows from the feed and the old id, so that it is the same every night. What
cannot be said in 3.0 (reviews, holidays) is left out; what is wrong stays wrong, for `checking` to
name.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final
from uuid import UUID, uuid5

from services.interfaces.directory.entries.checking import Document

_NAMESPACE: Final = UUID("b6f7a1de-55f0-5c0c-8f0a-0d4f6c9a2e11")
_SAME: Final = (
    "name",
    "description",
    "url",
    "email",
    "status",
    "fees",
    "accreditations",
    "assured_date",
)
_SCHEDULE: Final = (
    "valid_from",
    "valid_to",
    "dtstart",
    "freq",
    "byday",
    "bymonthday",
    "description",
)
_HOMES: Final = frozenset({"home", "at_home", "home_visit"})


class FromVersion1:
    """The services of one feed, by newer names."""

    def __init__(self, feed: str) -> None:
        self._space = uuid5(_NAMESPACE, feed)

    def service(self, old: Mapping[str, Any]) -> Document:
        """One service; whatever is no object or list is left for the check to find missing."""
        found = {name: old[name] for name in _SAME if old.get(name) not in {None, ""}}
        found["id"] = self._id("service", old)
        found.setdefault("status", "active")
        found |= self._ages(old)
        organization = old.get("organization")
        if isinstance(organization, Mapping):
            found["organization"] = self._organization(organization)
        locations = [self._there(one) for one in _objects(old, "service_at_locations")]
        attending = _text(old.get("attending_type"))
        found["schedules"] = [
            self._schedule(one, attending) for one in _objects(old, "regular_schedules")
        ]
        found["service_at_locations"] = locations
        found["languages"] = [
            {"id": self._id("language", one), "name": _text(one.get("language"))}
            for one in _objects(old, "languages")
        ]
        found["service_areas"] = [
            {"id": self._id("area", one), "name": _text(one.get("service_area"))}
            for one in _objects(old, "service_areas")
        ]
        found["funding"] = [
            {"id": self._id("funding", one), "source": _text(one.get("source"))}
            for one in _objects(old, "fundings")
        ]
        found["cost_options"] = [self._cost(one) for one in _objects(old, "cost_options")]
        found["contacts"] = [self._contact(one) for one in _objects(old, "contacts")]
        found["attributes"] = list(self._attributes(old))
        return {name: value for name, value in found.items() if value not in (None, [])}

    def _id(self, kind: str, old: Mapping[str, Any]) -> str:
        """The id that an old one becomes; none is told from its own words."""
        known = old.get("id")
        if isinstance(known, (str, int)) and not isinstance(known, bool) and known != "":
            return str(uuid5(self._space, f"{kind}:{known}"))
        return str(uuid5(self._space, f"{kind}:{sorted(map(str, old.items()))}"))

    def _ages(self, old: Mapping[str, Any]) -> Document:
        """The widest of the ages that any of its groups has."""
        lowest = [one.get("minimum_age") for one in _objects(old, "eligibilitys")]
        highest = [one.get("maximum_age") for one in _objects(old, "eligibilitys")]
        found: Document = {}
        if lowest and None not in lowest:
            found["minimum_age"] = _least(lowest)
        if highest and None not in highest:
            found["maximum_age"] = _most(highest)
        return found

    def _organization(self, old: Mapping[str, Any]) -> Document:
        name = _text(old.get("name"))
        found = {
            "id": self._id("organization", old),
            "name": old.get("name"),
            "description": _text(old.get("description")) or name,
            "website": old.get("url") or None,
            "email": old.get("email") or None,
        }
        return {key: value for key, value in found.items() if value is not None}

    def _schedule(self, old: Mapping[str, Any], attending: str) -> Document:
        found = {name: old[name] for name in _SCHEDULE if old.get(name) not in {None, ""}}
        found["id"] = self._id("schedule", old)
        if isinstance(old.get("interval"), (int, str)) and str(old["interval"]).isdecimal():
            found["interval"] = int(old["interval"])
        if str(found.get("freq", "")).upper() not in {"WEEKLY", "MONTHLY"}:
            found.pop("freq", None)
        for name in ("opens_at", "closes_at"):
            if old.get(name):
                found[name] = _text(old[name]).rpartition("T")[2][:5]
        if attending:
            found["attending_type"] = "home" if attending.casefold() in _HOMES else attending
        return found

    def _there(self, old: Mapping[str, Any]) -> Document:
        location = old.get("location")
        found: Document = {"id": self._id("there", old)}
        if isinstance(location, Mapping):
            found["location"] = self._location(location)
        schedules = [self._schedule(one, "") for one in _objects(old, "regular_schedule")]
        return found | ({"schedules": schedules} if schedules else {})

    def _location(self, old: Mapping[str, Any]) -> Document:
        access = [
            {"id": self._id("access", one), "description": _text(one.get("accessibility"))}
            for one in _objects(old, "accessibility_for_disabilities")
        ]
        addresses = [self._address(one) for one in _objects(old, "physical_addresses")]
        found = {
            "id": self._id("location", old),
            "location_type": "physical",
            "name": old.get("name") or None,
            "description": old.get("description") or None,
            "latitude": _number(old.get("latitude")),
            "longitude": _number(old.get("longitude")),
            "addresses": addresses or None,
            "accessibility": access or None,
        }
        return {key: value for key, value in found.items() if value is not None}

    def _address(self, old: Mapping[str, Any]) -> Document:
        return {
            "id": self._id("address", old),
            "address_1": _text(old.get("address_1")),
            "city": _text(old.get("city")),
            "state_province": _text(old.get("state_province")),
            "postal_code": _text(old.get("postal_code")),
            "country": _text(old.get("country")) or "GB",
            "address_type": "physical",
        }

    def _cost(self, old: Mapping[str, Any]) -> Document:
        found = {
            "id": self._id("cost", old),
            "option": old.get("option") or None,
            "amount": _number(old.get("amount")),
            "amount_description": old.get("amount_description") or None,
        }
        return {key: value for key, value in found.items() if value is not None}

    def _contact(self, old: Mapping[str, Any]) -> Document:
        phones = [
            {"id": self._id("phone", one), "number": _text(one.get("number"))}
            for one in _objects(old, "phones")
        ]
        found = {
            "id": self._id("contact", old),
            "name": old.get("name") or None,
            "title": old.get("title") or None,
            "phones": [phone for phone in phones if phone["number"]] or None,
        }
        return {key: value for key, value in found.items() if value is not None}

    def _attributes(self, old: Mapping[str, Any]) -> Iterator[Document]:
        for one in _objects(old, "service_taxonomys"):
            term = one.get("taxonomy")
            if isinstance(term, Mapping) and _text(term.get("name")):
                name, vocabulary = _text(term.get("name")), _text(term.get("vocabulary"))
                found = {"id": self._id("term", term), "name": name, "description": name}
                taxonomy = {"taxonomy": vocabulary} if vocabulary else {}
                attribute = {"id": self._id("attribute", one), "link_type": "service"}
                yield attribute | {"taxonomy_term": found | taxonomy}


def _objects(old: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    found = old.get(name)
    if isinstance(found, list):
        yield from (one for one in found if isinstance(one, Mapping))


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _number(value: object) -> object:
    """Version 1 often has numbers in quotation marks; what is none stays for the check."""
    if not isinstance(value, str):
        return value
    try:
        return float(value) if value.strip() else None
    except ValueError:
        return value


def _least(ages: list[Any]) -> object:
    numbers = [_number(age) for age in ages]
    usable = [age for age in numbers if isinstance(age, (int, float))]
    return min(usable) if len(usable) == len(numbers) else "unknown"


def _most(ages: list[Any]) -> object:
    numbers = [_number(age) for age in ages]
    usable = [age for age in numbers if isinstance(age, (int, float))]
    return max(usable) if len(usable) == len(numbers) else "unknown"
