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

from connectors.health_visiting.nems.labels import in_its_system, is_more_exact, label_of
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


def without_marks(node: Node) -> Node:
    """The same as it was sent, whatever of it was read by now."""
    return {
        name: found if isinstance(found, str) else [without_marks(one) for one in found]
        for name, found in node.items()
        if name != READ
    }


# Reading elements: children by name, primitive values, codings, dates, periods.

_PARTIAL_DATE = re.compile(r"[0-9]{4}(?:-(?:0[1-9]|1[0-2]))?")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
_SEMANTIC_TAG = re.compile(
    r"\s*\((?:finding|situation|procedure|disorder|product|record artifact|observable entity"
    r"|qualifier value|regime/therapy|body structure|assessment scale|event|occupation|substance"
    r"|medicinal product|clinical drug)\)$"
)
_NULL_FLAVOR = "NullFlavor"
_NO_PRACTITIONERS = frozenset({"Patient", "RelatedPerson", "Organization", "CareTeam", "Group"})


def child(parent: Node, name: str) -> Node | None:
    """The first child element of that name."""
    found = parent.get(name)
    return found[0] if type(found) is list else None


def children(parent: Node, name: str) -> Sequence[Node]:
    """The child elements of that name, in order."""
    found = parent.get(name)
    return found if type(found) is list else ()


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
    # As own_value(child(parent, name)), written out: it is asked a hundred times a message.
    if type(found) is not list:
        return None
    leaf = found[0]
    leaf[READ] = ""
    text = leaf.get("value")
    return (text.strip() or None) if type(text) is str else None


def own_value(element: Node) -> str | None:
    """The primitive value of the element itself; None when absent or blank."""
    return attribute(element, "value")


def attribute(element: Node, name: str) -> str | None:
    """An attribute of FHIR's XML: `value`, `url` or `id`; None when absent or blank."""
    element[READ] = ""
    found = element.get(name)
    return (found.strip() or None) if isinstance(found, str) else None


def mark_told(resource: Node) -> None:
    """Remember that a resource is told of, though of it there is nothing but what it is."""
    resource[READ] = ""


def coding_of(concept: Node | None) -> Coding | None:
    """The coding of a CodeableConcept that says most, its words without SNOMED's semantic tag.

    One with words of its own goes before one that is a bare code, whatever their order.
    """
    stated = list(_codings(concept))
    if len(stated) > 1:
        stated.sort(key=lambda both: _says_little(*both))
    return stated[0][1] if stated else None


def codings_of(concept: Node | None) -> Iterator[Coding]:
    """The codings of a CodeableConcept, as sent.

    What has no words of its own has those of the concept, or else ours for the code.
    """
    return (coding for _, coding in _codings(concept))


def words_of(concept: Node | None, *, unnamed: str | None = None) -> str | None:
    """What a CodeableConcept says in words: a coding's, its text, ours for a code that we know.

    A code that nobody has words for stands for itself; with `unnamed` it is that, with where the
    code can be looked up: "An observation without a name here (LOINC 1234-5)".
    """
    coding = coding_of(concept)
    named = _named(coding, value(concept, "text"))
    if named is not None or coding is None:
        return named or unnamed
    return f"{unnamed} ({in_its_system(coding.system, coding.code)})" if unnamed else coding.code


def named_words_of(concept: Node | None) -> str | None:
    """What a CodeableConcept says in words; None for a code that nobody has words for."""
    return _named(coding_of(concept), value(concept, "text"))


def _named(coding: Coding | None, text: str | None) -> str | None:
    words = None if coding is None or coding.display == coding.code else coding.display
    return text or words if coding is None or is_null(coding) else words


def _codings(concept: Node | None) -> Iterator[tuple[str | None, Coding]]:
    """Each coding, with the words of its own."""
    text = value(concept, "text")
    for coding in children(concept or {}, "coding"):
        system, code = value(coding, "system") or "", value(coding, "code") or ""
        display = value(coding, "display")
        own = None if display == code else display  # the code said again is no words
        words = own or text or label_of(system, code) or code
        if words:
            yield own, Coding(system, code, plain_words(words))


def _says_little(own: str | None, coding: Coding) -> tuple[bool, bool, bool, bool]:
    return (
        is_null(coding),
        not is_more_exact(coding.code),
        own is None,
        coding.display == coding.code,
    )


def is_null(coding: Coding) -> bool:
    """Whether it codes only that there is no code."""
    return coding.system.endswith(_NULL_FLAVOR)


def plain_words(display: str) -> str:
    """A SNOMED display without the semantic tag in brackets at its end."""
    return _SEMANTIC_TAG.sub("", display) if display.endswith(")") else display


def may_be_practitioner(reference: Node | None) -> bool:
    """Whether a Reference to what is not in the message may be to a practitioner, by its address.

    Nobody is taken for one of whom it says that they are a relative, a patient or an organisation.
    """
    if reference is None:
        return False
    address = f"/{value(reference, 'reference') or ''}"
    kinds = {value(reference, "type"), *(part for part in address.split("/") if part.isalpha())}
    return not kinds & _NO_PRACTITIONERS


def date_time(parent: Node | None, name: str, *, field: str) -> str | None:
    """A FHIR date or dateTime as precise as it was sent.

    Raises UnreadableMessageError (`not-a-date`) naming `field` for one that does not exist.
    Source: FHIR STU3, datatypes, date and dateTime.
    """
    text = value(parent, name)
    if text is not None and not is_date_time(text):
        raise UnreadableMessageError(field=field, reason="not-a-date")
    return text


def day_told(parent: Node | None, name: str) -> str | None:
    """A FHIR date or dateTime; None also for text that is none, which counts as read by nobody.

    So it costs its element and no more; what it is beside has to say that it is not known.
    """
    text = value(parent, name)
    if text is None or parent is None or is_date_time(text):
        return text
    for leaf in children(parent, name):
        leaf.pop(READ, None)
    return None


def has_unreadable_period(parent: Node, name: str = "period") -> bool:
    """Whether an end of a Period is text that is no date: nobody knows then whether it is over."""
    period = child(parent, name)
    ends = () if period is None else (value(period, "start"), value(period, "end"))
    return any(end is not None and not is_date_time(end) for end in ends)


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
    """A FHIR Period without an end that is no date.

    Raises UnreadableMessageError when it ends before it starts.
    """
    element = None if parent is None else child(parent, name)
    if element is None:
        return Period()
    start, end = day_told(element, "start"), day_told(element, "end")
    if start and end and is_before(end, start):
        raise UnreadableMessageError(field=f"{field}.end", reason=f"contradicts:{field}.start")
    return Period(start=start, end=end)


def is_before(earlier: str, later: str) -> bool:
    """Whether one date precedes another, compared as far as both are precise, at most to days."""
    shared = min(len(earlier), len(later), len("YYYY-MM-DD"))
    return earlier[:shared] < later[:shared]
