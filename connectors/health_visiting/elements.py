"""Reading FHIR STU3 elements: children by name, primitive values, codings, dates, periods."""

import re
from collections.abc import Iterator
from datetime import datetime

from connectors.demographics import is_iso_date
from connectors.safe_xml import Element
from schemas.errors import UnreadableMessageError
from schemas.records.payloads import Coding, Period

FHIR = "{http://hl7.org/fhir}"

_PARTIAL_DATE = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_SEMANTIC_TAG = re.compile(
    r"\s*\((?:finding|situation|procedure|disorder|product|record artifact)\)$"
)


def child(parent: Element, name: str) -> Element | None:
    """The first child element of that name."""
    for element in parent.iterchildren(FHIR + name):
        return element
    return None


def children(parent: Element, name: str) -> Iterator[Element]:
    """The child elements of that name, in order."""
    return parent.iterchildren(FHIR + name)


def descend(parent: Element | None, *names: str) -> Element | None:
    """The element reached by taking the first child of each name in turn."""
    for name in names:
        if parent is None:
            return None
        parent = child(parent, name)
    return parent


def value(parent: Element | None, name: str) -> str | None:
    """The primitive value of the first child of that name; None when absent or blank."""
    if parent is None:
        return None
    for element in parent.iterchildren(FHIR + name):
        return own_value(element)
    return None


def own_value(element: Element) -> str | None:
    """The primitive value of the element itself; None when absent or blank."""
    return (element.get("value") or "").strip() or None


def coding_of(concept: Element | None) -> Coding | None:
    """The first coding of a CodeableConcept, its words without SNOMED's semantic tag."""
    coding = descend(concept, "coding")
    if coding is None:
        return None
    code = value(coding, "code") or ""
    words = value(coding, "display") or value(concept, "text") or code
    return Coding(value(coding, "system") or "", code, plain_words(words)) if words else None


def words_of(concept: Element | None) -> str | None:
    """What a CodeableConcept says in words: its first display, its text, or else its code."""
    coding = coding_of(concept)
    if coding is not None and coding.display != coding.code:
        return coding.display
    return value(concept, "text") or (coding.display if coding else None)


def plain_words(display: str) -> str:
    """A SNOMED display without the semantic tag in brackets at its end."""
    return _SEMANTIC_TAG.sub("", display)


def date_time(parent: Element | None, name: str, *, field: str) -> str | None:
    """A FHIR date or dateTime as precise as it was sent.

    Raises UnreadableMessageError (`not-a-date`) naming `field` for one that does not exist.
    Source: FHIR STU3, datatypes, date and dateTime.
    """
    text = value(parent, name)
    if text is not None and not is_date_time(text):
        raise UnreadableMessageError(field=field, reason="not-a-date")
    return text


def is_date_time(text: str) -> bool:
    """Whether `text` is a FHIR date or dateTime that exists."""
    if _PARTIAL_DATE.fullmatch(text) or is_iso_date(text):
        return True
    if not _DATE_TIME.fullmatch(text):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def period_of(parent: Element | None, name: str, *, field: str) -> Period:
    """A FHIR Period; raises UnreadableMessageError when it ends before it starts."""
    element = None if parent is None else child(parent, name)
    if element is None:
        return Period()
    start = date_time(element, "start", field=f"{field}.start")
    end = date_time(element, "end", field=f"{field}.end")
    if start and end and is_before(end, start):
        raise UnreadableMessageError(field=f"{field}.end", reason=f"contradicts:{field}.start")
    return Period(start=start, end=end)


def is_before(earlier: str, later: str) -> bool:
    """Whether one date precedes another, compared as far as both are precise, at most to days."""
    shared = min(len(earlier), len(later), len("YYYY-MM-DD"))
    return earlier[:shared] < later[:shared]
