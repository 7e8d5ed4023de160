"""Code systems and extensions that the bundles use beside FHIR's own."""

from typing import Any

PERSON = "urn:tell-once:person"
CATEGORY = "urn:tell-once:category"
KIND = "urn:tell-once:kind:"
SOURCE = "urn:tell-once:source:"
LABEL = "urn:tell-once:label"
KEPT_TO = "urn:tell-once:kept-to"
OCCURRENCE = "urn:tell-once:occurrence"
PLAN = "urn:tell-once:plan"
RELATIONSHIP = "urn:tell-once:relationship"
AGENCY = "urn:tell-once:agency"
WORKER = "urn:tell-once:worker"
_EXTENSION = "urn:tell-once:extension:"

Resource = dict[str, Any]
"""A FHIR resource or element as its JSON object."""


def without_empty(**elements: Any) -> Resource:
    """The elements that are there: FHIR forbids empty ones (R4 section 2.6.2)."""
    return {name: value for name, value in elements.items() if value not in (None, [], {}, "")}


def extension(name: str, *, kind: str, value: Any) -> Resource:
    """One of our own extensions; `kind` is FHIR's value[x] suffix."""
    return {"url": _EXTENSION + name, f"value{kind}": value}


def extensions_by_name(resource: Resource) -> dict[str, list[Any]]:
    """Every value of every extension of our own on the resource, in order, by its name."""
    found: dict[str, list[Any]] = {}
    for one in resource.get("extension", ()):
        values = [value for key, value in one.items() if key.startswith("value")]
        found.setdefault(one["url"].removeprefix(_EXTENSION), []).extend(values)
    return found


def extension_values(resource: Resource, name: str) -> list[Any]:
    """Every value of one of our own extensions on the resource, in order."""
    extensions = resource.get("extension")
    if not extensions:  # most have none, and this is asked many times of each record
        return []
    url = _EXTENSION + name
    return [
        value
        for found in extensions
        if found["url"] == url
        for key, value in found.items()
        if key.startswith("value")
    ]


def extension_value(resource: Resource, name: str) -> Any:
    """The value of an extension that stands at most once; None without it."""
    return next(iter(extension_values(resource, name)), None)
