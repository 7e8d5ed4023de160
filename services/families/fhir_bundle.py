"""A profile as one FHIR R4 Bundle: what a search for the child finds, with what belongs to it.

A searchset, because only there an entry says what it is: the child is the match, the family and
what happened are included, how the sources stand is the outcome (HL7 FHIR R4 section 3.1.1.5.10).
Persons have their opaque ids, everything else a number that holds in this bundle alone. Pure.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5

from schemas.fhir_mapping.events import (
    care_plan_from_plan,
    care_team_from_involvement,
    observation_from_occurrence,
)
from schemas.fhir_mapping.systems import CATEGORY, PERSON, SOURCE, Resource
from schemas.identifiers import PersonId
from schemas.records.payloads import Involvement, Period
from schemas.vocabulary import Category
from services.aggregation.claims import Provenance
from services.aggregation.profile import PractitionerView, Profile
from services.families.fhir_people import household, patients, related_person
from services.families.fhir_status import operation_outcome
from services.families.fhir_story import story_entry

_POLICY = "urn:tell-once:policy"
_PURPOSE = "urn:tell-once:purpose"
_PATIENT = re.compile(r"Patient/([0-9a-f]{32})")
_NUMBERS = UUID("5f1d5c4e-7a0b-4c56-9d1e-6a8f0b2c3d4e")
"""What numbers of entries are made under; any would do (RFC 9562 section 6.6)."""


def bundle_from_profile(profile: Profile) -> Resource:
    """The Bundle as a JSON object; the same profile gives the same one, whenever it was read."""
    resources = [*_resources(profile)]
    here = {PersonId(r["id"]) for r in resources if r["resourceType"] == "Patient"}
    tags = ((_POLICY, profile.policy_version), (_PURPOSE, profile.purpose.value))
    return {
        "resourceType": "Bundle",
        "meta": {"tag": [{"system": system, "code": code} for system, code in tags]},
        "type": "searchset",
        "total": 1,
        "entry": [
            _entry(number, resource, profile, here) for number, resource in enumerate(resources)
        ],
    }


def _resources(profile: Profile) -> Iterator[Resource]:
    for patient, said in patients(profile):
        person = PersonId(patient["identifier"][0]["value"])
        yield patient | {"id": person}
        yield from (_provenance(person, provenance) for provenance in said)
    for relative in profile.relatives:
        yield _from(related_person(relative, profile), relative.provenance)
    yield from (household(view) for view in profile.households)
    for practitioner in profile.practitioners:
        yield _from(_care_team(practitioner), practitioner.provenance, Category.PRACTITIONERS)
    yield from (story_entry(view, profile.child) for view in profile.story)
    for entry in profile.timeline:
        written = observation_from_occurrence(entry.occurrence, (entry.person,))
        yield _from(written, entry.provenance, entry.category)
    for plan in profile.plans:
        yield _from(care_plan_from_plan(plan.plan, (plan.person,)), plan.provenance, plan.category)
    yield operation_outcome(profile)


def _care_team(view: PractitionerView) -> Resource:
    said = Involvement(
        service=view.service,
        agency_name=view.agency_name,
        team=view.team,
        practitioner_name=view.practitioner_name,
        role=view.role,
        telephone=view.telephone,
        period=Period(view.since, view.until),
    )
    status = "active" if view.is_current else "inactive"
    return care_team_from_involvement(said, (view.person,)) | {"status": status}


def _from(resource: Resource, said: Provenance, category: Category | None = None) -> Resource:
    """The resource with which source it is from, as of when."""
    meta: Resource = {"source": f"{SOURCE}{said.source.value}", "lastUpdated": said.as_of}
    if category is not None:
        meta["tag"] = [{"system": CATEGORY, "code": category.value}]
    return resource | {"meta": meta}


def _provenance(person: PersonId, said: Provenance) -> Resource:
    """Which source says something of a person, as of when; the parts say which of them."""
    source = {"system": SOURCE.rstrip(":"), "value": said.source.value}
    return {
        "resourceType": "Provenance",
        "target": [{"reference": f"Patient/{person}"}],
        "recorded": said.as_of,
        "agent": [{"who": {"identifier": source, "display": said.source.label}}],
    }


def _entry(number: int, resource: Resource, profile: Profile, here: set[PersonId]) -> Resource:
    own = resource.get("id")
    name = UUID(own) if own else uuid5(_NUMBERS, f"{profile.child}/{number}")
    linked = _linked(resource | {"id": own or str(name)}, here)
    return {
        "fullUrl": name.urn,
        "resource": linked,
        "search": {"mode": _mode(resource, profile)},
    }


def _mode(resource: Resource, profile: Profile) -> str:
    if resource["resourceType"] == "OperationOutcome":
        return "outcome"
    return "match" if resource.get("id") == profile.child else "include"


def _linked(value: Any, here: set[PersonId]) -> Any:
    """References to persons by the name of their entry; to those who have none, by their id."""
    if isinstance(value, list):
        return [_linked(item, here) for item in value]
    if not isinstance(value, dict):
        return value
    linked = {
        name: _linked(part, here) if isinstance(part, dict | list) else part
        for name, part in value.items()
    }
    found = _PATIENT.fullmatch(linked["reference"]) if "reference" in linked else None
    if found is None:
        return linked
    del linked["reference"]
    if PersonId(found[1]) in here:
        return {"reference": UUID(found[1]).urn} | linked
    return {"identifier": {"system": PERSON, "value": found[1]}} | linked
