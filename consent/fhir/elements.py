"""Elements that all parts of a consent use: times, names, codes, and what is not understood."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from consent.errors import DecisionInvalidError
from consent.fhir.vocabulary import Code, code_of


class ConsentElementError(DecisionInvalidError):
    """A document is no FHIR R4 Consent, or cannot be expressed; names the element and why."""


# Dates and times, which may be known to the year, month, day or second.

_YEAR = re.compile(r"\d{4}")
_MONTH = re.compile(r"(\d{4})-(\d{2})")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECEMBER = 12


@dataclass(frozen=True, slots=True)
class Span:
    """From the first moment up to, not including, the end; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, at: datetime) -> bool:
        """Whether the moment is in it."""
        return not self.is_over(at) and (self.start is None or self.start <= at)

    def is_over(self, at: datetime) -> bool:
        """Whether it ended before the moment."""
        return self.end is not None and self.end <= at

    def contains(self, other: "Span") -> bool:
        """Whether the whole of the other is in it."""
        starts = self.start is None or (other.start is not None and self.start <= other.start)
        ends = self.end is None or (other.end is not None and other.end <= self.end)
        return starts and ends

    def meets(self, other: "Span") -> bool:
        """Whether they have a moment in common."""
        return _begins_before(self, other) and _begins_before(other, self)


def _begins_before(one: Span, other: Span) -> bool:
    return one.start is None or other.end is None or one.start < other.end


def span_of(text: str) -> Span:
    """All that a FHIR date, dateTime or instant may mean. Raises ValueError.

    A time without a zone, which FHIR allows for dates only, is read in UTC.
    """
    if _YEAR.fullmatch(text):
        return Span(_utc(int(text), 1), _utc(int(text) + 1, 1))
    if month := _MONTH.fullmatch(text):
        year, number = int(month[1]), int(month[2])
        after = _utc(year + 1, 1) if number == _DECEMBER else _utc(year, number + 1)
        return Span(_utc(year, number), after)
    start = datetime.fromisoformat(text)
    known = start.astimezone(UTC) if start.tzinfo else start.replace(tzinfo=UTC)
    if _DAY.fullmatch(text):
        return Span(known, known + timedelta(days=1))
    # a period includes the moment that it ends with (FHIR R4, Period.end)
    step = timedelta(microseconds=1) if "." in text else timedelta(seconds=1)
    return Span(known, known + step)


def span_between(start: str | None, end: str | None) -> Span:
    """A FHIR Period, whose end is included. Raises ValueError."""
    first = span_of(start).start if start else None
    last = span_of(end).end if end else None
    return Span(first, last)


def _utc(year: int, month: int) -> datetime:
    return datetime(year, month, 1, tzinfo=UTC)


# What somebody or something is called: references, identifiers, and when two are the same.
#
# A name is a FHIR reference (`Practitioner/17`, an absolute URL, a URN) or an identifier written
# `system|value`. A relative reference agrees with any absolute one that ends in it.

_HISTORY = "/_history/"

Name = str


def reference_name(text: str) -> Name:
    """A reference without the version that it may name."""
    return text.partition(_HISTORY)[0].rstrip("/")


def identifier_name(system: str | None, value: str) -> Name:
    """An identifier as a name."""
    return f"{system or ''}|{value}"


def names_of(element: Mapping[str, Any]) -> frozenset[Name]:
    """Every name in a FHIR Reference element; nothing in one that only displays a text."""
    names = set()
    if reference := element.get("reference"):
        names.add(reference_name(reference))
    identifier = element.get("identifier") or {}
    if value := identifier.get("value"):
        names.add(identifier_name(identifier.get("system"), value))
    return frozenset(names)


def any_same(ones: Iterable[Name], others: Iterable[Name]) -> bool:
    """Whether one of these and one of those name the same."""
    known = tuple(others)
    return any(is_same(one, other) for one in ones for other in known)


def is_same(one: Name, other: Name) -> bool:
    """Whether both name the same, as far as can be told from the names."""
    if one == other:
        return True
    if "|" in one or "|" in other:
        return False
    return _ends_in(one, other) or _ends_in(other, one)


def _ends_in(absolute: Name, relative: Name) -> bool:
    return "://" in absolute and relative.count("/") == 1 and absolute.endswith(f"/{relative}")


Element = Mapping[str, Any]


@dataclass(slots=True)
class Notes:
    """What was not understood while one document was read, by path; and what it contains."""

    place: str
    contained: Mapping[str, Element] = field(default_factory=dict)
    elements: list[str] = field(default_factory=list)

    def add(self, path: str) -> None:
        """Remember an element for which the document must not be applied."""
        self.elements.append(f"{self.place}.{path}")

    def add_modifiers(self, element: Element, path: str) -> None:
        """Remember the element's modifier extensions, none of which is understood."""
        if "modifierExtension" in element:
            self.add(f"{path}.modifierExtension")


def contained_in(resource: Element) -> dict[str, Element]:
    """The contained resources by the reference that names them."""
    return {f"#{found['id']}": found for found in resource.get("contained", ()) if "id" in found}


def codes_in(concept: Element | None) -> frozenset[Code]:
    """The codes of a CodeableConcept; its text alone is not one."""
    return frozenset(codes_from((concept or {}).get("coding", ())))


def codes_from(codings: Iterable[Element]) -> Iterator[Code]:
    """The codes of Codings; a Coding without a code has none."""
    for coding in codings:
        if "code" in coding:
            yield code_of(coding.get("system"), coding["code"])


def span_at(period: Element, path: str) -> Span:
    """A Period's span. Raises ConsentElementError naming the path."""
    try:
        span = span_between(period.get("start"), period.get("end"))
    except (ValueError, OverflowError):
        raise ConsentElementError(path, "is-not-a-time") from None
    if span.start is not None and span.end is not None and span.end <= span.start:
        raise ConsentElementError(path, "ends-before-it-starts")
    return span


def names_at(reference: Element, notes: Notes) -> frozenset[Name]:
    """Every name of what is referred to; of something contained, its identifiers and members."""
    found = notes.contained.get(reference.get("reference", ""))
    if found is None:
        return frozenset(name for name in names_of(reference) if not name.startswith("#"))
    identifiers = found.get("identifier", ())
    own = {
        identifier_name(identifier.get("system"), identifier["value"])
        for identifier in (identifiers if isinstance(identifiers, list) else [identifiers])
        if "value" in identifier
    }
    return frozenset(own).union(*(names_of(member) for member in _members_of(found)))


def _members_of(found: Element) -> list[Element]:
    """Whom a group or care team consists of; a role of which only one side is told is that one.

    Of a role it is the practitioner in that organisation, and neither alone.
    """
    members = [entry.get("entity", {}) for entry in found.get("member", ())]
    members += [entry.get("member", {}) for entry in found.get("participant", ())]
    if found.get("resourceType") == "PractitionerRole":
        sides = [found[name] for name in ("practitioner", "organization") if name in found]
        members += sides if len(sides) == 1 else []
    return members
