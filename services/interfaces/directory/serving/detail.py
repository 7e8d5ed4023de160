"""All that there is about one service, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.interfaces.directory.entries.checking import Document
from services.interfaces.directory.search.postgres import FoundService
from services.interfaces.directory.serving.words import (
    ServiceLine,
    ages,
    coming,
    cost,
    line_of,
    when,
)


@dataclass(frozen=True, slots=True)
class Phone:
    """A number, as it is written and as it is rung, and whose it is."""

    number: str
    href: str
    whose: str


@dataclass(frozen=True, slots=True)
class Detail:
    """A service on a page of its own."""

    line: ServiceLine
    description: tuple[str, ...]
    ages: str
    when: str
    coming: tuple[str, ...]
    cost: str
    booking: str
    phones: tuple[Phone, ...]
    email: str | None
    url: str | None
    addresses: tuple[tuple[str, ...], ...]
    access: str
    areas: str
    is_over: bool
    can_be_asked: bool


def detail_of(found: FoundService, today: date) -> Detail:
    """Make the words of its page."""
    document = found.document
    return Detail(
        line_of(found, today),
        tuple(filter(None, (one.strip() for one in document.get("description", "").split("\n")))),
        ages(document),
        when(document),
        coming(document, today),
        cost(found),
        document.get("application_process", ""),
        tuple(_phones(document)),
        document.get("email"),
        document.get("url"),
        tuple(_addresses(document)),
        ", ".join(one.label for one in found.access),
        ", ".join(filter(None, (one.get("name") for one in document.get("service_areas", ())))),
        document["status"] in {"inactive", "defunct"},
        found.is_local and document["status"] == "active",
    )


def _phones(document: Document) -> Iterator[Phone]:
    for contact in document.get("contacts", ()):
        whose = ", ".join(filter(None, (contact.get("name"), contact.get("title"))))
        for phone in contact.get("phones", ()):
            yield Phone(phone["number"], _href(phone["number"]), whose)


def _href(number: str) -> str:
    dialled = "".join(c for c in number if c.isascii() and (c.isdigit() or c == "+"))
    return f"tel:{dialled}" if dialled else ""


def _addresses(document: Document) -> Iterator[tuple[str, ...]]:
    for there in document.get("service_at_locations", ()):
        location: dict[str, Any] = there.get("location", {})
        for address in location.get("addresses", ()):
            names = (location.get("name"), address["address_1"], address["city"])
            lines = [*names, address.get("postal_code")]
            yield tuple(dict.fromkeys(filter(None, lines)))
