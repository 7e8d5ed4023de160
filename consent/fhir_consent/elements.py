"""Elements that all parts of a consent use: codes, periods, and notes of what is not understood."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from consent.fhir_consent.codes import Code, code_of
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.references import Name, identifier_name, names_of
from consent.fhir_consent.times import Span, span_between

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
