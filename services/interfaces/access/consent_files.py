"""Consent documents from files, and answers to AuthZEN questions from them alone.

A file is one Consent, an array of them, a Bundle, or one a line. Each is validated as FHIR R4 (the
R4B model, in which Consent is the same) where it comes in. A Bundle or array may hold groups, care
teams, roles, practitioners, organisations and patients beside the consents: they tell who belongs
to whom and who goes by which identifier. Other resources in it say nothing about who may see what
and are left aside. Of two versions of the same consent only the newer one counts.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from pathlib import Path
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from consent.deciding.words import CombiningAlgorithm
from consent.fhir.deciding import ConsentDecision, decide_by_consents, obligations_of
from consent.fhir.document import ConsentDocument
from consent.fhir.elements import (
    ConsentElementError,
    Element,
    Name,
    identifier_name,
    names_of,
    span_of,
)
from consent.fhir.reading import consent_from_json
from services.interfaces.access.authzen import EvaluationRequest, EvaluationResponse
from services.interfaces.access.batch import Evaluate
from services.interfaces.access.questions import Members as MembersOf
from services.interfaces.access.questions import question_from

# Which of several versions of the same resource is the newest (FHIR R4 section 3.1.0.4).


def are_current(resources: Sequence[Element]) -> list[bool]:
    """Of each resource, in order, whether no other one is a newer version of it.

    Two are versions of one where they have the same id and are about the same patient, and their
    `meta` tells which is newer; where it does not, both count.
    """
    older = {
        id(one) for one, other in product(resources, repeat=2) if _is_newer_version(other, of=one)
    }
    return [id(resource) not in older for resource in resources]


def _is_newer_version(one: Element, *, of: Element) -> bool:
    if "id" not in one or (one["id"], one.get("patient")) != (of.get("id"), of.get("patient")):
        return False
    for read in (_version, _updated):
        mine, other = read(one), read(of)
        if mine is not None and other is not None and mine != other:
            return bool(mine > other)
    return False


def _version(resource: Element) -> Any:
    version = str((resource.get("meta") or {}).get("versionId", ""))
    return int(version) if version.isascii() and version.isdigit() else None


def _updated(resource: Element) -> datetime | None:
    text = (resource.get("meta") or {}).get("lastUpdated")
    try:
        return span_of(text).start if text else None
    except ValueError:
        return None


# Who is who in the documents: other names of somebody, and the groups that they belong to.
#
# Pairs of a group or another name, and who it is said of. Somebody's identifiers and the address of
# their entry in a Bundle are other names of them, both ways. A practitioner of whom the documents
# name but one role is asked as in that role; of several only the request can say which.

Members = tuple[tuple[Name, Name], ...]
"""Pairs of a group or another name, and who it is said of."""

_GROUPS = {"Group": ("member", "entity"), "CareTeam": ("participant", "member")}
_IDENTIFIED = frozenset(
    {"Practitioner", "Organization", "Patient", "RelatedPerson", "Device", "HealthcareService"}
)
_ROLE = "PractitionerRole"
TELLING = _IDENTIFIED | {_ROLE, *_GROUPS}
"""The resources that say who is who; of others nothing is asked."""


def members_in(resources: Sequence[tuple[str | None, Element]]) -> Members:
    """All pairs in these resources, each given with the address of its entry where it has one."""
    active = [each for each in resources if each[1].get("active") is not False]
    pairs = (
        *_addresses(active),
        *(pair for _, resource in active for pair in _said_by(resource)),
        *_only_roles(resource for _, resource in active),
    )
    return tuple(dict.fromkeys(pairs))


def _said_by(resource: Element) -> Iterator[tuple[Name, Name]]:
    kind, own = resource["resourceType"], resource.get("id")
    if not own:
        return
    reference = f"{kind}/{own}"
    if kind == _ROLE:
        for name in (*_side(resource, "practitioner"), *_side(resource, "organization")):
            yield name, reference
    elif kind in _GROUPS:
        listed, member = _GROUPS[kind]
        for entry in resource.get(listed, ()):
            if entry.get("inactive") is not True:
                yield from ((reference, name) for name in names_of(entry.get(member, {})))
    else:
        yield from _both_ways(reference, _identifiers_of(resource))


def _addresses(resources: Iterable[tuple[str | None, Element]]) -> Iterator[tuple[Name, Name]]:
    """The address of an entry, which the others in its Bundle refer to it by."""
    for address, resource in resources:
        if address is None:
            continue
        names = list(_identifiers_of(resource))
        if "id" in resource:
            names.append(f"{resource['resourceType']}/{resource['id']}")
        yield from _both_ways(address, names)


def _only_roles(resources: Iterable[Element]) -> Iterator[tuple[Name, Name]]:
    roles = [r for r in resources if r["resourceType"] == _ROLE and "id" in r]
    held = Counter(name for role in roles for name in _side(role, "practitioner"))
    for role in roles:
        for name in _side(role, "practitioner"):
            if held[name] == 1:
                yield f"{_ROLE}/{role['id']}", name


def _side(role: Element, name: str) -> frozenset[Name]:
    return names_of(role.get(name, {}))


def _both_ways(one: Name, others: Iterable[Name]) -> Iterator[tuple[Name, Name]]:
    for other in others:
        yield one, other
        yield other, one


def _identifiers_of(resource: Element) -> Iterator[Name]:
    identifiers = resource.get("identifier", ())
    if resource["resourceType"] not in _IDENTIFIED or not isinstance(identifiers, list):
        return
    for identifier in identifiers:
        if "value" in identifier:
            yield identifier_name(identifier.get("system"), identifier["value"])


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


# Answers from these documents alone: no database, nothing recorded.


def evaluate_by_consents(
    documents: Sequence[ConsentDocument],
    algorithm: CombiningAlgorithm,
    *,
    now: datetime,
    at: datetime | None = None,
    members: MembersOf = (),
) -> Evaluate:
    """A function that answers each request from these documents."""

    def evaluate(request: EvaluationRequest) -> EvaluationResponse:
        question = question_from(request, now=now, at=at, members=members)
        return response_from(decide_by_consents(question, documents, algorithm))

    return evaluate


def response_from(decision: ConsentDecision) -> EvaluationResponse:
    """The decision in the shape of DESIGN.md section 15."""
    return EvaluationResponse(
        decision=decision.is_permitted,
        context={
            "mode": decision.mode.value,
            "reasons": [{"code": told.reason.value, "text": told.text} for told in decision.told],
            "obligations": obligations_of(decision.permitted) if decision.permitted else [],
            "policy_version": decision.policy_version,
            "combine": decision.combine.value,
        },
    )
