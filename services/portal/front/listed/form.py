"""The form of an entry: read from what was typed, and filled in from what is listed."""

import re
from collections.abc import Mapping
from datetime import time
from typing import Any, Final
from urllib.parse import urlsplit

from services.interfaces.directory.entries.form import CAPACITIES, EntryForm
from services.interfaces.directory.entries.needs import LANGUAGES, MeetingWay, Need, PlaceAccess
from services.interfaces.directory.entries.postgres_own import OwnEntry
from services.portal.frame.forms import FormErrors, Submitted

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STATUSES: Final = {
    "active": "It takes place",
    "temporarily closed": "It is closed for the moment",
    "inactive": "It is not to be listed any more",
}
WAYS: Final = {
    MeetingWay.HOME.value: "We visit families at home",
    MeetingWay.ONLINE.value: "By video or telephone",
}
_LINE, _TEXT = 200, 4_000
_OLDEST: Final = 120.0
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_LINES: Final = {
    "telephone": "Telephone number",
    "contact": "Whom to ask for",
    "times-in-words": "When, in words",
    "place": "Name of the place",
    "address": "First line of the address",
    "town": "Town",
    "cost": "What it costs",
    "alert": "Notice",
    "area": "Area",
    "capacity-words": "How long the wait is",
}


def read_entry(form: Submitted, errors: FormErrors, *, knows_postcode: Any) -> EntryForm:
    """Read it; what is wrong is noted, and then nothing is to be written."""
    name, about = form.text("name"), form.text("about")
    if not name or len(name) > _LINE:
        errors.add("name", "Enter what it is called, in one line")
    if not about or len(about) > _TEXT:
        errors.add("about", "Say in a few sentences what it does")
    for field, label in _LINES.items():
        if len(form.text(field)) > _LINE:
            errors.add(field, f"{label} must be 200 letters or fewer")
    chosen = _chosen(form, errors)
    postcode = " ".join(form.text("postcode").upper().split())
    if postcode and not knows_postcode(postcode):
        errors.add("postcode", "Enter a postcode that we know")
    is_withheld = "yes" in form.chosen("is-withheld")
    return EntryForm(
        name=name,
        about=about,
        status=_one_of(form, errors, "status", set(STATUSES)) or "active",
        minimum_age=_age(form, errors, "minimum-age"),
        maximum_age=_age(form, errors, "maximum-age"),
        opens=_time(form, errors, "opens"),
        closes=_time(form, errors, "closes"),
        times_in_words=form.text("times-in-words"),
        telephone=form.text("telephone"),
        contact=form.text("contact"),
        email=_email(form, errors),
        url=_url(form, errors),
        place=form.text("place"),
        address=form.text("address"),
        town=form.text("town"),
        postcode=postcode,
        is_free="yes" in form.chosen("is-free"),
        cost=form.text("cost"),
        alert=form.text("alert"),
        area=form.text("area"),
        capacity=_one_of(form, errors, "capacity", set(CAPACITIES)),
        capacity_words=form.text("capacity-words"),
        is_withheld=is_withheld,
        **chosen,
    )


def filled_in(entry: OwnEntry) -> Submitted:
    """The form as it would be typed for what is listed."""
    document = entry.document
    schedule = _first(document, "schedules")
    contact = _first(document, "contacts")
    there = _first(document, "service_at_locations").get("location", {})
    address = _first(there, "addresses")
    fields = {
        "name": document["name"],
        "about": document.get("description"),
        "status": document["status"],
        "minimum-age": _number(document.get("minimum_age")),
        "maximum-age": _number(document.get("maximum_age")),
        "opens": schedule.get("opens_at"),
        "closes": schedule.get("closes_at"),
        "times-in-words": schedule.get("description"),
        "telephone": _first(contact, "phones").get("number"),
        "contact": contact.get("name"),
        "email": document.get("email"),
        "url": document.get("url"),
        "place": there.get("name"),
        "address": address.get("address_1"),
        "town": address.get("city"),
        "postcode": address.get("postal_code"),
        "cost": "" if entry.is_free else _cost(document),
        "alert": document.get("alert"),
        "area": _first(document, "service_areas").get("name"),
        "capacity": entry.capacity,
        "capacity-words": entry.capacity_words,
    }
    many = {
        "needs": entry.needs,
        "days": tuple(map(str, entry.days)),
        "access": entry.access,
        "languages": entry.languages,
        "ways": entry.ways,
        "is-free": ("yes",) if entry.is_free else (),
        "is-by-appointment": ("yes",) if document.get("application_process") else (),
        "is-withheld": ("yes",) if entry.is_withheld else (),
    }
    return Submitted({**{name: (value,) for name, value in fields.items() if value}, **many})


def _chosen(form: Submitted, errors: FormErrors) -> dict[str, Any]:
    among: dict[str, set[str]] = {
        "needs": {one.value for one in Need},
        "days": {str(day) for day in range(len(DAYS))},
        "access": {one.value for one in PlaceAccess},
        "languages": set(LANGUAGES),
        "ways": {one.value for one in MeetingWay},
    }
    found: dict[str, Any] = {}
    for name, allowed in among.items():
        found[name] = tuple(one for one in form.chosen(name) if one in allowed)
        if len(found[name]) < len(form.chosen(name)):
            errors.add(name, "Select from the list")
    if not found["needs"]:
        errors.add("needs", "Select what it helps with")
    is_by_appointment = "yes" in form.chosen("is-by-appointment")
    days = tuple(sorted(map(int, found["days"])))
    return found | {"days": days, "is_by_appointment": is_by_appointment}


def _one_of(form: Submitted, errors: FormErrors, name: str, among: set[str]) -> str:
    written = form.text(name)
    if written and written not in among:
        errors.add(name, "Select one from the list")
        return ""
    return written


def _age(form: Submitted, errors: FormErrors, name: str) -> float | None:
    written = form.text(name)
    if not written:
        return None
    if not re.fullmatch(r"\d{1,3}(\.\d{1,2})?", written) or float(written) > _OLDEST:
        errors.add(name, "Enter an age in years, such as 2 or 0.5")
        return None
    return float(written)


def _time(form: Submitted, errors: FormErrors, name: str) -> str:
    written = form.text(name)
    try:
        return time.fromisoformat(written).strftime("%H:%M") if written else ""
    except ValueError:
        errors.add(name, "Enter a time such as 09:30")
        return ""


def _email(form: Submitted, errors: FormErrors) -> str:
    written = form.text("email")
    if written and not _EMAIL.fullmatch(written):
        errors.add("email", "Enter an email address such as name@example.org")
    return written


def _url(form: Submitted, errors: FormErrors) -> str:
    written = form.text("url")
    parts = urlsplit(written) if written.isascii() and "[" not in written else None
    is_web = parts is not None and parts.scheme in {"http", "https"} and parts.hostname
    if written and not is_web:
        errors.add("url", "Enter an address that begins with https://")
    return written


def _number(value: object) -> str:
    return "" if value is None else f"{value:g}"


def _cost(document: Mapping[str, Any]) -> str | None:
    cost: str | None = _first(document, "cost_options").get("option")
    return cost


def _first(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The first of a list of a document, or nothing."""
    return next(iter(document.get(name) or [{}]))
