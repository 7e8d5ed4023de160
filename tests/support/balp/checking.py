"""Holds an AuditEvent against the constraints of the profile that it says it follows."""

from collections.abc import Iterator, Mapping
from typing import Any

from services.audit.exports.fhir_profiles import BalpProfile
from tests.support.balp.constraints import CONSTRAINTS, Code, Constraints, Slice

Document = Mapping[str, Any]


def faults_of(event: Document) -> list[str]:
    """Everything in which it breaks what R4 wants of an AuditEvent, or its profile does."""
    faults = list(_of_every_one(event))
    for canonical in event.get("meta", {}).get("profile", []):
        found = [profile for profile in BalpProfile if profile.canonical == canonical]
        faults += list(_of_profile(event, CONSTRAINTS[found[0]])) if found else ["no such profile"]
    return faults


def _of_every_one(event: Document) -> Iterator[str]:
    for name in ("type", "recorded", "agent", "source"):
        if name not in event:
            yield f"lacks {name}"
    if "observer" not in event.get("source", {}):
        yield "lacks source.observer"
    for agent in event.get("agent", []):
        if not isinstance(agent.get("requestor"), bool):
            yield "an agent does not say whether it is the requestor"
    if "modifierExtension" in event:
        yield "has a modifier extension"


def _of_profile(event: Document, wanted: Constraints) -> Iterator[str]:
    if _code(event["type"]) != wanted.type:
        yield f"type is {_code(event['type'])}"
    if event.get("action") != wanted.action:
        yield f"action is {event.get('action')}"
    if "outcome" not in event or wanted.outcome not in {None, event["outcome"]}:
        yield f"outcome is {event.get('outcome')}"
    subtypes = [_code(one) for one in event.get("subtype", [])]
    if sum(one in wanted.subtypes for one in subtypes) != 1:
        yield f"subtypes are {subtypes}"
    if wanted.only_subtypes and not wanted.subtypes.issuperset(subtypes):
        yield f"other subtypes than the profile's: {subtypes}"
    agents, entities = event["agent"], event.get("entity", [])
    if len(agents) < wanted.fewest_agents or len(entities) < wanted.fewest_entities:
        yield f"{len(agents)} agents and {len(entities)} entities"
    for one in wanted.agents:
        yield from _of_slice(event, one, [a for a in agents if _concept(a.get("type")) & one.codes])
    for one in wanted.entities:
        yield from _of_slice(event, one, [e for e in entities if _code(e["type"]) in one.codes])
    known = frozenset[Code]().union(*(one.codes for one in wanted.entities))
    if wanted.is_closed and any(_code(e["type"]) not in known for e in entities):
        yield "an entity of no slice"


def _of_slice(event: Document, wanted: Slice, found: list[Document]) -> Iterator[str]:
    if not wanted.least <= len(found) <= wanted.most:
        yield f"{len(found)} of slice {sorted(wanted.codes)}"
    for each in found:
        if not wanted.present <= each.keys():
            yield f"a slice lacks {sorted(wanted.present - each.keys())}"
        if wanted.absent & each.keys():
            yield f"a slice may not have {sorted(wanted.absent & each.keys())}"
        if wanted.requestor is not None and each["requestor"] is not wanted.requestor:
            yield "a slice's requestor is the other way round"
        if wanted.roles and _code(each["role"]) not in wanted.roles:
            yield f"a slice's role is {each['role']}"
        if wanted.is_observer and each["who"] != event["source"]["observer"]:
            yield "val-audit-source: the source is not this agent too"
        if wanted.is_patient and not each["what"]["reference"].startswith("Patient/"):
            yield "a patient is no patient"


def _code(coding: Document) -> Code:
    return coding["system"], coding["code"]


def _concept(concept: Document | None) -> frozenset[Code]:
    return frozenset(map(_code, concept["coding"])) if concept else frozenset()
