"""Consent documents from files: one Consent, an array of them, a Bundle, or one a line.

Each is validated as FHIR R4 (the R4B model, in which Consent is the same) where it comes in. A
Bundle or array may hold groups, care teams, roles, practitioners, organisations and patients
beside the consents: they tell who belongs to whom and who goes by which identifier. Other resources
in it say nothing about who may see what and are left aside.
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
from consent.fhir_consent.references import Name, identifier_name, names_of

_MEMBERS = {"Group": ("member", "entity"), "CareTeam": ("participant", "member")}

_IDENTIFIED = frozenset(
    {"Practitioner", "Organization", "Patient", "RelatedPerson", "Device", "HealthcareService"}
)
_USED = _IDENTIFIED | {"PractitionerRole", *_MEMBERS}


@dataclass(frozen=True, slots=True)
class Consents:
    """The consents of some files, and by them who is in which group or has which other name."""

    documents: tuple[ConsentDocument, ...] = ()
    members: tuple[tuple[Name, Name], ...] = ()


def read_consents(paths: Iterable[Path]) -> Consents:
    """Everything in these files. Raises ConsentElementError naming file and element."""
    documents: list[ConsentDocument] = []
    members: list[tuple[Name, Name]] = []
    for path in paths:
        found = list(_resources(json_in(path), path.name))
        several = sum(r.get("resourceType") == "Consent" for r in found) > 1
        for index, resource in enumerate(found):
            if resource.get("resourceType") == "Consent":
                place = f"{path.name}: Consent" + (f"[{index}]" if several else "")
                documents.append(consent_from_json(validated_consent(resource, place), place))
            elif resource.get("resourceType") in _USED:
                members += _members_in(
                    _validated(resource, f"{path.name}: {resource['resourceType']}")
                )
    return Consents(tuple(documents), tuple(members))


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
    if resource.get("resourceType") != "Consent":
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


def _resources(found: Any, name: str) -> Iterator[dict[str, Any]]:
    if isinstance(found, list):
        for item in found:
            yield from _resources(item, name)
    elif not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        raise ConsentElementError(name, "is-not-a-fhir-resource")
    elif found["resourceType"] == "Bundle":
        for entry in _entries(found.get("entry", []), name):
            if "resource" in entry:
                yield from _resources(entry["resource"], name)
    else:
        yield found


def _entries(entries: Any, name: str) -> list[dict[str, Any]]:
    if isinstance(entries, list) and all(isinstance(entry, dict) for entry in entries):
        return entries
    raise ConsentElementError(f"{name}: Bundle.entry", "is-not-an-array-of-objects")


def _members_in(resource: Element) -> list[tuple[Name, Name]]:
    kind, own = resource.get("resourceType"), resource.get("id")
    if kind == "PractitionerRole" and own:
        return [
            (name, f"PractitionerRole/{own}")
            for key in ("practitioner", "organization")
            for name in names_of(resource.get(key, {}))
        ]
    if kind not in _MEMBERS or not own:
        return _identifiers_of(resource)
    listed, member = _MEMBERS[kind]
    return [
        (f"{kind}/{own}", name)
        for entry in resource.get(listed, ())
        if entry.get("inactive") is not True
        for name in names_of(entry.get(member, {}))
    ]


def _identifiers_of(resource: Element) -> list[tuple[Name, Name]]:
    """Each identifier of somebody as another name of them, both ways."""
    kind, own = resource.get("resourceType"), resource.get("id")
    identifiers = resource.get("identifier", ())
    if kind not in _IDENTIFIED or not own or not isinstance(identifiers, list):
        return []
    names = [identifier_name(i.get("system"), i["value"]) for i in identifiers if "value" in i]
    reference = f"{kind}/{own}"
    return [pair for name in names for pair in ((reference, name), (name, reference))]
