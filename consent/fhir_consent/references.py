"""What somebody or something is called: references, identifiers, and when two are the same.

A name is a FHIR reference (`Practitioner/17`, an absolute URL, a URN) or an identifier written
`system|value`. A relative reference agrees with any absolute one that ends in it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

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
