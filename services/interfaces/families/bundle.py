"""A profile as one FHIR R4 Bundle, and as the bytes of an answer.

A searchset (what a search for the child finds, with what belongs to it), because only there an
entry says what it is: the child is the match, the family and what happened are included, how the
sources stand is the outcome (HL7 FHIR R4 section 3.1.1.5.10). Persons have their opaque ids,
everything else a number that holds in this bundle alone. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any, assert_never
from uuid import UUID, uuid5

import orjson

from schemas.fhir_mapping.connections import task_from_connection
from schemas.fhir_mapping.elements import (
    CATEGORY,
    KEPT_TO,
    LABEL,
    PERSON,
    RECORD,
    SOURCE,
    Resource,
    extension,
    without_empty,
)
from schemas.fhir_mapping.events import (
    care_plan_from_plan,
    care_team_from_involvement,
    communication_from_story,
    observation_from_occurrence,
)
from schemas.fhir_mapping.support import goal_from_help, task_from_step
from schemas.identifiers import PersonId
from schemas.records.payloads import FactStatus, Involvement, Period, StoryConfirmation
from schemas.vocabulary import Category, Label
from services.interfaces.families.bundle_people import household, patients, related_person
from services.interfaces.families.negotiation import MediaType
from services.interfaces.families.text import AS_TEXT, FamilyForm, FamilyText
from services.profile.merging.claims import Provenance
from services.profile.model import (
    NotShared,
    PlanView,
    PractitionerView,
    Profile,
    SourceStatus,
    StoryCorrection,
    StoryView,
)
from services.profile.parts.kept.forms import AS_PROFILE

# The family's story: an entry with what became of it, never one without the other.

_EXTENSION = "urn:tell-once:extension:"


def story_entry(view: StoryView, child: PersonId) -> Resource:
    """A Communication under the entry's own key; a corrected one names what stands in its place."""
    written = communication_from_story(view.entry, view.about or (child,))
    kept = [{"system": KEPT_TO, "code": mark} for mark in sorted(view.kept_to)]
    return written | {
        "identifier": [{"system": RECORD, "value": view.key}],
        "extension": [
            *written["extension"],
            *(_correction(one) for one in view.corrections),
            *(_confirmation(one) for one in view.confirmations),
        ],
        "meta": without_empty(
            source=f"{SOURCE}{view.source.value}",
            tag=[{"system": CATEGORY, "code": Category.STORY.value}],
            security=kept,
        ),
    }


def _correction(one: StoryCorrection) -> Resource:
    return {
        "url": f"{_EXTENSION}corrected",
        "extension": [extension("by", kind="String", value=one.key), *_written(one)],
    }


def _confirmation(one: StoryConfirmation) -> Resource:
    """The family said that nothing has changed in it."""
    return {"url": f"{_EXTENSION}confirmed", "extension": _written(one)}


def _written(one: StoryCorrection | StoryConfirmation) -> list[Resource]:
    return [
        extension("told-by", kind="String", value=one.told_by),
        extension("written-by", kind="String", value=one.written_by),
        extension("written-at", kind="String", value=one.written_at),
    ]


def instant(moment: datetime) -> str:
    """An aware UTC time as an instant (HL7 FHIR R4 section 2.24.0.1)."""
    return moment.isoformat().replace("+00:00", "Z")


# What a profile says about itself, as an OperationOutcome beside it: never a blank. Which source
# has what, what is not shared where that may be known, what was shown under a duty.

_STATE = "urn:tell-once:source-state"
_NOTE = "urn:tell-once:note"
_REASON = "urn:tell-once:reason"
_INFORMATION = "information"


def operation_outcome(profile: Profile) -> Resource:
    """One issue for each thing said; there is one for each source at least."""
    return {"resourceType": "OperationOutcome", "issue": list(_issues(profile))}


def _issues(profile: Profile) -> Iterator[Resource]:
    """Deaths first: they are to be known before anybody is contacted."""
    for person in profile.people:
        if person.death is not None:
            who, standing = person.relation or "child", person.death.standing
            yield _note(f"death-{standing.value}", f"{who}: {standing.label}")
    for status in profile.sources:
        yield _status(status)
    for hidden in profile.not_shared:
        yield _not_shared(hidden)
    for category in profile.shared_under_duty:
        yield _note("shared-under-duty", f"Shared under a recorded legal duty: {category.label}")
    for kind in profile.parents_not_named:
        yield _note(f"no-{kind.value}-named", f"Nothing shown here names a {kind.value}")
    if profile.location_protected:
        yield _note("location-protected", "Somebody's whereabouts are protected: tell nobody")
    if profile.parents_are_not_told:
        yield _note("parents-not-told", "A young person asked that parents are not told")


def _status(status: SourceStatus) -> Resource:
    heard = status.last_heard
    coding = {"system": _STATE, "code": status.state.value, "display": status.state.label}
    when = [] if heard is None else [extension("last-heard", kind="Instant", value=instant(heard))]
    source = extension("source", kind="Uri", value=f"{SOURCE}{status.source.value}")
    unread = "" if status.unread is None else f". {status.unread.in_words}. Ask the source"
    kinds = ", ".join(kind.label for kind in status.more)
    more = f". More is at the source: {kinds}" if kinds else ""
    text = f"{status.source.label}: {status.state.label}{unread}{more}"
    return {
        "severity": _INFORMATION,
        "code": "informational",
        "details": {"coding": [coding], "text": text},
        "extension": [source, *when],
    }


def _not_shared(hidden: NotShared) -> Resource:
    codings = [{"system": _REASON, "code": r.value, "display": r.label} for r in hidden.reasons]
    text = f"{hidden.source.label}, not shared: {hidden.category.label}"
    return {
        "severity": _INFORMATION,
        "code": "suppressed",
        "details": without_empty(coding=codings, text=text),
    }


def _note(code: str, text: str) -> Resource:
    details = {"coding": [{"system": _NOTE, "code": code}], "text": text}
    return {"severity": _INFORMATION, "code": "informational", "details": details}


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
        yield _from(_care_plan(plan), plan.provenance, plan.category)
    for wanted in profile.help_wanted:
        written = goal_from_help(wanted.wanted, (wanted.person,))
        yield _from(written, wanted.provenance, wanted.category)
    for step in profile.next_steps:
        written = task_from_step(step.step, (step.person,))
        yield _from(written, step.provenance, step.category)
    for view in profile.connections:
        written = task_from_connection(view.report, (view.person,))
        yield _from(written, view.provenance, view.category)
    yield operation_outcome(profile)


def _care_plan(view: PlanView) -> Resource:
    """In force is active, also where its end is known and has not come.

    Its next steps name it by its key.
    """
    said = care_plan_from_plan(replace(view.plan, status=view.status), (view.person,))
    if view.key:
        said["identifier"] = [{"system": RECORD, "value": view.key}]
    is_in_force = view.status is FactStatus.HOLDS
    return said | ({"status": "active"} if is_in_force else {})


def _care_team(view: PractitionerView) -> Resource:
    said = Involvement(
        service=view.service,
        agency_name=view.agency_name,
        team=view.team,
        practitioner_name=view.practitioner_name,
        role=view.role,
        telephone=view.telephone,
        period=Period(view.since, view.until),
        status=view.status,
    )
    return care_team_from_involvement(said, (view.person,)) | _team_status(view)


_TEAM_STATUS = {FactStatus.PLANNED: "proposed", FactStatus.ON_HOLD: "suspended"}


def _team_status(view: PractitionerView) -> Resource:
    """As R4's required codes have it; there is none for what is not known."""
    if view.status is FactStatus.UNKNOWN:
        return {}
    otherwise = "active" if view.is_current else "inactive"
    return {"status": _TEAM_STATUS.get(view.status, otherwise)}


def _from(resource: Resource, said: Provenance, category: Category | None = None) -> Resource:
    """The resource with which source it is from, as of when."""
    meta: Resource = {"source": f"{SOURCE}{said.source.value}", "lastUpdated": said.as_of}
    if category is not None:
        meta["tag"] = [{"system": CATEGORY, "code": category.value}]
    if said.is_in_doubt:
        meta["security"] = [{"system": LABEL, "code": Label.DATES_CONTRADICT.value}]
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


# The bytes of an answer: the same profile gives the same bytes.


def represented(profile: Profile, form: MediaType) -> bytes:
    """The profile in this form."""
    match form:
        case MediaType.JSON:
            return AS_TEXT.made(profile).content
        case MediaType.FHIR:
            return orjson.dumps(bundle_from_profile(profile))
        case _:
            assert_never(form)


class AsBundle:
    """A Form: kept as a profile, and made a Bundle when it is asked for."""

    name = AS_PROFILE.name

    def made(self, profile: Profile) -> FamilyText:
        """The Bundle as text."""
        content = represented(profile, MediaType.FHIR)
        return FamilyText(content, sha256(content).digest())

    def written(self, profile: Profile) -> bytes:
        """The profile."""
        return AS_PROFILE.written(profile)

    def told(self, kept: bytes, sources: tuple[SourceStatus, ...], at: datetime) -> FamilyText:
        """The Bundle of the profile."""
        return self.made(AS_PROFILE.told(kept, sources, at))


FORMS: Mapping[MediaType, FamilyForm] = {
    MediaType.JSON: AS_TEXT,
    MediaType.FHIR: AsBundle(),
}
"""What a family is answered as, by what was asked for."""
