"""What somebody writes about a service, and the document of Open Referral UK that it becomes."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from services.interfaces.directory.entries.checking import Document
from services.interfaces.directory.entries.facts import Point
from services.interfaces.directory.entries.needs import (
    LANGUAGES,
    MeetingWay,
    Need,
    PlaceAccess,
    term_of,
)

CAPACITIES: Final = {
    "": "Not known",
    "places": "Places now",
    "waiting-list": "Waiting list",
    "full": "Full",
    "assess-first": "We look first at what is needed",
    "ring-first": "Ring first",
}
BY_APPOINTMENT: Final = "Book a time first."
_ORGANIZATIONS: Final = UUID("8c1f8f4e-6f43-5a7e-bb0b-1f1f3f0f8a52")
_ATTENDING: Final = {MeetingWay.HOME: "home", MeetingWay.ONLINE: "online"}
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryForm:
    """The fields of the form; ages are in years, times are as `10:00`, days Monday being 0."""

    name: str
    about: str = ""
    status: str = "active"
    minimum_age: float | None = None
    maximum_age: float | None = None
    needs: tuple[str, ...] = ()
    days: tuple[int, ...] = ()
    opens: str = ""
    closes: str = ""
    times_in_words: str = ""
    telephone: str = ""
    contact: str = ""
    email: str = ""
    url: str = ""
    place: str = ""
    address: str = ""
    town: str = ""
    postcode: str = ""
    access: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    ways: tuple[str, ...] = ()
    is_free: bool = False
    cost: str = ""
    alert: str = ""
    area: str = ""
    capacity: str = ""
    capacity_words: str = ""
    is_by_appointment: bool = False
    is_withheld: bool = False
    is_checked_today: bool = True
    assured_on: str = ""

    def as_json(self) -> dict[str, Any]:
        """As it is kept while somebody else has to agree."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "EntryForm":
        """What was kept."""
        lists = {name: tuple(value) for name, value in kept.items() if isinstance(value, list)}
        return cls(**{**kept, **lists})


def document_of(
    form: EntryForm,
    service: str,
    organization: Document,
    at: datetime,
    point: Callable[[str], Point | None],
) -> Document:
    """The document of a service of that organization.

    Ids of its parts follow from its own, so that writing the same again changes nothing.
    """
    ids = _PartIds(service)
    found: Document = {
        "id": service,
        "name": form.name,
        "description": form.about,
        "status": form.status,
        "email": form.email,
        "url": form.url,
        "minimum_age": form.minimum_age,
        "maximum_age": form.maximum_age,
        "alert": form.alert,
        "application_process": BY_APPOINTMENT if form.is_by_appointment else "",
        "assured_date": at.date().isoformat() if form.is_checked_today else form.assured_on,
        "last_modified": at.isoformat(timespec="milliseconds"),
        "organization": organization,
        "schedules": [_schedule(form, ids)] if form.days or form.times_in_words else [],
        "contacts": [_contact(form, ids)] if form.telephone else [],
        "languages": [
            {"id": ids("language", code), "code": code, "name": LANGUAGES.get(code, code)}
            for code in form.languages
        ],
        "cost_options": _costs(form, ids),
        "service_areas": [{"id": ids("area"), "name": form.area}] if form.area else [],
        "service_at_locations": list(_locations(form, ids, point)),
        "attributes": [
            {"id": ids("need", need), "link_type": "service", "taxonomy_term": term_of(Need(need))}
            for need in form.needs
        ],
    }
    return {key: value for key, value in found.items() if value not in ("", None, [])}


def organization_of(code: str, name: str, kind: str, charity_number: str | None) -> Document:
    """A partner as the organization behind its services."""
    own = uuid5(_ORGANIZATIONS, code)
    found: Document = {"id": str(own), "name": name, "description": kind}
    if charity_number:
        number = {"identifier_scheme": "GB-CHC", "identifier_type": "Charity number"}
        number |= {"id": str(uuid5(own, "charity")), "identifier": charity_number}
        found["organization_identifiers"] = [number]
    return found


class _PartIds:
    """Ids of a service's parts."""

    def __init__(self, service: str) -> None:
        self._space = UUID(service)

    def __call__(self, *part: str) -> str:
        return str(uuid5(self._space, ":".join(part)))


def _schedule(form: EntryForm, ids: _PartIds) -> Document:
    attending = [_ATTENDING[MeetingWay(way)] for way in form.ways if MeetingWay(way) in _ATTENDING]
    found = {
        "id": ids("schedule"),
        "freq": "WEEKLY" if form.days else None,
        "byday": ",".join(_DAYS[day] for day in form.days) or None,
        "opens_at": form.opens or None,
        "closes_at": form.closes or None,
        "description": form.times_in_words or None,
        "attending_type": ", ".join(attending) or None,
    }
    return {key: value for key, value in found.items() if value is not None}


def _contact(form: EntryForm, ids: _PartIds) -> Document:
    found: Document = {"id": ids("contact")}
    if form.contact:
        found["name"] = form.contact
    return found | {"phones": [{"id": ids("phone"), "number": form.telephone}]}


def _costs(form: EntryForm, ids: _PartIds) -> list[Document]:
    if form.is_free:
        return [{"id": ids("cost"), "option": "Free", "amount": 0}]
    return [{"id": ids("cost"), "option": form.cost}] if form.cost else []


def _locations(
    form: EntryForm, ids: _PartIds, point: Callable[[str], Point | None]
) -> list[Document]:
    """Where it is; nowhere when its address is kept from everybody."""
    if form.is_withheld or not form.postcode:
        return []
    at = point(form.postcode)
    address = {
        "id": ids("address"),
        "address_1": form.address or form.place,
        "city": form.town,
        "state_province": "",
        "postal_code": form.postcode,
        "country": "GB",
        "address_type": "physical",
    }
    location: Document = {
        "id": ids("location"),
        "location_type": "physical",
        "name": form.place or form.address,
        "addresses": [address],
        "accessibility": [
            {"id": ids("access", one), "description": PlaceAccess(one).label} for one in form.access
        ],
    }
    if at is not None:
        location |= {"latitude": at.latitude, "longitude": at.longitude}
    return [{"id": ids("there"), "location_id": location["id"], "location": location}]
