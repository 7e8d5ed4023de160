"""A FHIR message as plain nodes, and how its elements are read.

A node is what XML and JSON have in common: a dictionary. Under the name of each child element stand
its occurrences, in order; beside them, as text, the attributes that FHIR's XML has: `value` of a
primitive, `url` of an extension, `id` of an element. A resource is the only child of what holds it,
under its type's name. Narrative is left out. Source: FHIR STU3, XML and JSON representation of
resources.

A node remembers that its value was read, and so it can be told in the end what of a message nobody
looked at: whoever reads a value asks the functions below for it.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final, TypeAlias

import orjson

from connectors.parsing.demographics import is_iso_date
from schemas.errors import UnreadableMessageError
from schemas.records.payloads import Coding, Period

Node: TypeAlias = dict[str, "str | list[Node]"]

FIELD: Final = "Bundle"
"""What a text that cannot be opened at all is called in a refusal."""

READ: Final = "\0"
"""Stands in a node whose value was read: no element has this name."""

_DIGEST_CHARACTERS: Final = 16


def digest_of(nodes: Sequence[Node]) -> str:
    """The same for the same content, in XML or in JSON, whatever the order of JSON's names.

    Raises UnreadableMessageError for text that is none (half of a surrogate pair).
    """
    try:
        canonical = orjson.dumps(nodes, option=orjson.OPT_SORT_KEYS)
    except (TypeError, RecursionError) as error:
        raise UnreadableMessageError(field=FIELD, reason="not-text") from error
    return sha256(canonical).hexdigest()[:_DIGEST_CHARACTERS]


# Reading elements: children by name, primitive values, codings, dates, periods.

_PARTIAL_DATE = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_SEMANTIC_TAG = re.compile(
    r"\s*\((?:finding|situation|procedure|disorder|product|record artifact)\)$"
)


def child(parent: Node, name: str) -> Node | None:
    """The first child element of that name."""
    found = parent.get(name)
    return found[0] if isinstance(found, list) else None


def children(parent: Node, name: str) -> Sequence[Node]:
    """The child elements of that name, in order."""
    found = parent.get(name)
    return found if isinstance(found, list) else ()


def descend(parent: Node | None, *names: str) -> Node | None:
    """The element reached by taking the first child of each name in turn."""
    for name in names:
        if parent is None:
            return None
        parent = child(parent, name)
    return parent


def value(parent: Node | None, name: str) -> str | None:
    """The primitive value of the first child of that name; None when absent or blank."""
    if parent is None:
        return None
    found = parent.get(name)
    # As own_value(child(parent, name)), written out: it is asked fifty times a message.
    if not isinstance(found, list):
        return None
    leaf = found[0]
    leaf[READ] = ""
    text = leaf.get("value")
    return (text.strip() or None) if isinstance(text, str) else None


def own_value(element: Node) -> str | None:
    """The primitive value of the element itself; None when absent or blank."""
    return attribute(element, "value")


def attribute(element: Node, name: str) -> str | None:
    """An attribute of FHIR's XML: `value`, `url` or `id`; None when absent or blank."""
    element[READ] = ""
    found = element.get(name)
    return (found.strip() or None) if isinstance(found, str) else None


def coding_of(concept: Node | None) -> Coding | None:
    """The first coding of a CodeableConcept, its words without SNOMED's semantic tag."""
    return next(codings_of(concept), None)


def codings_of(concept: Node | None) -> Iterator[Coding]:
    """The codings of a CodeableConcept; what has no words of its own has those of the concept."""
    for coding in children(concept or {}, "coding"):
        code = value(coding, "code") or ""
        words = value(coding, "display") or value(concept, "text") or code
        if words:
            yield Coding(value(coding, "system") or "", code, plain_words(words))


def words_of(concept: Node | None) -> str | None:
    """What a CodeableConcept says in words: its first display, its text, or else its code."""
    coding = coding_of(concept)
    if coding is not None and coding.display != coding.code:
        return coding.display
    return value(concept, "text") or (coding.display if coding else None)


def plain_words(display: str) -> str:
    """A SNOMED display without the semantic tag in brackets at its end."""
    return _SEMANTIC_TAG.sub("", display)


def date_time(parent: Node | None, name: str, *, field: str) -> str | None:
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


def period_of(parent: Node | None, name: str, *, field: str) -> Period:
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
