"""Consent documents from files: one Consent, an array of them, a Bundle, or one a line.

Each is validated as FHIR R4 (the R4B model, in which Consent is the same) where it comes in. A
Bundle or array may hold groups, care teams, roles, practitioners, organisations and patients
beside the consents: they tell who belongs to whom and who goes by which identifier. Other resources
in it say nothing about who may see what and are left aside. Of two versions of the same consent
only the newer one counts.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from consent.fhir_consent.document import ConsentDocument
from consent.fhir_consent.elements import Element
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.reading import consent_from_json
from services.access.current_versions import are_current
from services.access.memberships import TELLING, Members, members_in

_CONSENT = "Consent"


@dataclass(frozen=True, slots=True)
class Consents:
    """The consents of some files, and by them who is in which group or has which other name."""

    documents: tuple[ConsentDocument, ...] = ()
    members: Members = ()


@dataclass(frozen=True, slots=True)
class _Found:
    """A resource in a file: what it is called in messages, and where its entry is said to be."""

    place: str
    address: str | None
    resource: Element


def read_consents(paths: Iterable[Path]) -> Consents:
    """Everything in these files. Raises ConsentElementError naming file and element."""
    found = [each for path in paths for each in _found_in(path)]
    for each in found:
        if each.resource["resourceType"] in TELLING | {_CONSENT}:
            _validated(each.resource, each.place)
    consents = [each for each in found if each.resource["resourceType"] == _CONSENT]
    telling = [each for each in found if each.resource["resourceType"] in TELLING]
    current = are_current([each.resource for each in consents])
    documents = (
        consent_from_json(each.resource, each.place)
        for each, counts in zip(consents, current, strict=True)
        if counts
    )
    members = members_in([(each.address, each.resource) for each in telling])
    return Consents(tuple(documents), members)


def consents_in(path: Path) -> list[Element]:
    """The Consents in this file, validated, and nothing beside them.

    Raises ConsentElementError naming file or element, also when there is none.
    """
    found = [each.resource for each in _found_in(path)]
    if not found or any(resource["resourceType"] != _CONSENT for resource in found):
        raise ConsentElementError(path.name, "is-not-consents-and-nothing-else")
    return [validated_consent(resource, _CONSENT) for resource in found]


def json_in(path: Path) -> Any:
    """The JSON in a file, or the array of what stands on its lines."""
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise ConsentElementError(path.name, f"cannot-be-read: {type(error).__name__}") from None
    try:
        return json.loads(text)
    except ValueError:
        return _lines(text, path.name)


def validated_consent(resource: Element, place: str) -> Element:
    """The same consent, once it is known to be valid. Raises ConsentElementError."""
    if resource.get("resourceType") != _CONSENT:
        raise ConsentElementError(place, "is-not-a-consent")
    return _validated(resource, place)


def _validated(resource: Element, place: str) -> Element:
    described = {name: value for name, value in resource.items() if name != "text"}
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(described)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        path = ".".join((place, *(str(part) for part in first["loc"])))
        raise ConsentElementError(path, f"is-not-valid-fhir-r4: {first['type']}") from None
    return resource


def _lines(text: str, name: str) -> list[Any]:
    try:
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        raise ConsentElementError(name, "is-not-json") from None


def _found_in(path: Path) -> Iterator[_Found]:
    resources = list(_resources(json_in(path), path.name))
    several = sum(resource["resourceType"] == _CONSENT for _, resource in resources) > 1
    for index, (address, resource) in enumerate(resources):
        kind = resource["resourceType"]
        number = f"[{index}]" if several and kind == _CONSENT else ""
        yield _Found(f"{path.name}: {kind}{number}", address, resource)


def _resources(found: Any, name: str) -> Iterator[tuple[str | None, dict[str, Any]]]:
    if isinstance(found, list):
        for item in found:
            yield from _resources(item, name)
    elif not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        raise ConsentElementError(name, "is-not-a-fhir-resource")
    elif found["resourceType"] != "Bundle":
        yield None, found
    else:
        for entry in _entries(found.get("entry", []), name):
            yield from _resources_of(entry, name)


def _resources_of(entry: dict[str, Any], name: str) -> Iterator[tuple[str | None, dict[str, Any]]]:
    address = entry.get("fullUrl")
    for inner, resource in _resources(entry["resource"], name) if "resource" in entry else ():
        yield inner or (address if isinstance(address, str) else None), resource


def _entries(entries: Any, name: str) -> list[dict[str, Any]]:
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    raise ConsentElementError(f"{name}: Bundle.entry", "is-not-an-array-of-objects")
