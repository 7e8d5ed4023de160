"""A message's records as one FHIR transaction bundle, and back.

Each entry is a PUT at the record's opaque key (FHIR R4 section 3.1.0.4.1, update as create). A
removal puts a Basic tombstone there, because it too has a version and a person; so does the
clearing of a scope, at the scope's key. What we add stands in `meta`: the kind as profile, the
source, the source's own version, one tag for the category; the scopes of a record in extensions,
and of which kinds its source has more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.errors import UnreadableEventError
from schemas.fhir_mapping import connections, events, people, support
from schemas.fhir_mapping.elements import (
    CATEGORY,
    KEPT_TO,
    KIND,
    LABEL,
    PERSON,
    SOURCE,
    Resource,
    extension,
    extensions_by_name,
    person_from_reference,
    person_reference,
)
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import (
    CommunicationNeeds,
    ConnectionReport,
    ContactDetails,
    HelpWanted,
    Involvement,
    NextStep,
    Occurrence,
    Payload,
    PersonDetails,
    Plan,
    Relationship,
    StoryConfirmation,
    StoryEntry,
)
from schemas.records.published import PublishedRecord
from schemas.records.unused import MoreAtSource, MoreKind
from schemas.vocabulary import Action, Category, Label, Source

# Every kind of record: what it is called on the bus, and who writes and reads it as FHIR.

Persons = tuple[PersonId, ...]
REMOVED = "removed"
CLEARED = "cleared"


@dataclass(frozen=True, slots=True)
class Mapping:
    """One kind: its name, and functions to FHIR and back."""

    kind: str
    write: Callable[[Any, Persons], Resource]
    read: Callable[[Resource], Payload]
    persons: Callable[[Resource], Persons]


MAPPINGS: dict[type, Mapping] = {
    PersonDetails: Mapping(
        "person-details",
        people.patient_from_details,
        people.details_from_patient,
        people.persons_of_patient,
    ),
    ContactDetails: Mapping(
        "contact-details",
        people.patient_from_contact,
        people.contact_from_patient,
        people.persons_of_patient,
    ),
    CommunicationNeeds: Mapping(
        "communication-needs",
        people.patient_from_communication,
        people.communication_from_patient,
        people.persons_of_patient,
    ),
    Relationship: Mapping(
        "relationship",
        people.related_person_from_relationship,
        people.relationship_from_related_person,
        people.persons_of_related_person,
    ),
    Involvement: Mapping(
        "involvement",
        events.care_team_from_involvement,
        events.involvement_from_care_team,
        events.person_of_subject,
    ),
    Occurrence: Mapping(
        "occurrence",
        events.observation_from_occurrence,
        events.occurrence_from_observation,
        events.person_of_subject,
    ),
    Plan: Mapping(
        "plan", events.care_plan_from_plan, events.plan_from_care_plan, events.person_of_subject
    ),
    StoryEntry: Mapping(
        "story-entry",
        events.communication_from_story,
        events.story_from_communication,
        events.person_of_subject,
    ),
    StoryConfirmation: Mapping(
        "story-confirmation",
        events.communication_from_confirmation,
        events.confirmation_from_communication,
        events.person_of_subject,
    ),
    HelpWanted: Mapping(
        "help-wanted", support.goal_from_help, support.help_from_goal, events.person_of_subject
    ),
    NextStep: Mapping(
        "next-step", support.task_from_step, support.step_from_task, support.person_of_task
    ),
    ConnectionReport: Mapping(
        "connection",
        connections.task_from_connection,
        connections.connection_from_task,
        support.person_of_task,
    ),
}
BY_KIND = {mapping.kind: mapping for mapping in MAPPINGS.values()}
RESOURCE_OF_KIND = {
    "person-details": "Patient",
    "contact-details": "Patient",
    "communication-needs": "Patient",
    "relationship": "RelatedPerson",
    "involvement": "CareTeam",
    "occurrence": "Observation",
    "plan": "CarePlan",
    "story-entry": "Communication",
    "story-confirmation": "Communication",
    "help-wanted": "Goal",
    "next-step": "Task",
    "connection": "Task",
    REMOVED: "Basic",
    CLEARED: "Basic",
}
"""The FHIR resource that each kind of record is written as."""


_TOMBSTONES = {Action.REMOVE: REMOVED, Action.CLEAR: CLEARED}
_ACTIONS = {kind: action for action, kind in _TOMBSTONES.items()}
_ALSO_ABOUT = "also-about"
_SCOPES = "scopes"
_KEEPS = "keeps"
_PART_OF = "part-of"
_MORE = "more-at-source"
_KINDS_OF_MORE = {kind.value: kind for kind in MoreKind}


def bundle_from_records(records: Sequence[PublishedRecord]) -> Resource:
    """A transaction Bundle (JSON object) that upserts and removes these records."""
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [_entry_from_record(record) for record in records],
    }


def records_from_bundle(bundle: Resource) -> tuple[PublishedRecord, ...]:
    """Back from bundle_from_records. Raises UnreadableEventError where it is not of that form."""
    try:
        return tuple(_record_from_entry(entry) for entry in bundle["entry"])
    except (AttributeError, KeyError, IndexError, ValueError, TypeError) as error:
        raise UnreadableEventError(f"bundle: {type(error).__name__}") from None


def _entry_from_record(record: PublishedRecord) -> Resource:
    if record.payload is None or record.action is not Action.UPSERT:
        kind = _TOMBSTONES.get(record.action, REMOVED)
        resource = _tombstone(record, kind)
    else:
        mapping = MAPPINGS[type(record.payload)]
        kind, resource = mapping.kind, mapping.write(record.payload, record.persons)
        resource = _with_others(resource, record.persons[len(mapping.persons(resource)) :])
    resource = _extended(resource, _placed(record))
    return {
        "resource": resource | {"id": record.key, "meta": _meta(record, kind)},
        "request": {"method": "PUT", "url": f"{resource['resourceType']}/{record.key}"},
    }


def _tombstone(record: PublishedRecord, kind: str) -> Resource:
    """What a removal still has to say: which record of whom, and in which version."""
    return {
        "resourceType": "Basic",
        "code": {"text": kind},
        "identifier": [{"system": PERSON, "value": person} for person in record.persons],
    }


def _with_others(resource: Resource, others: Persons) -> Resource:
    """Name the persons for whom the resource has no element of its own: each has to permit it."""
    named = [extension(_ALSO_ABOUT, kind="Reference", value=person_reference(p)) for p in others]
    return _extended(resource, named)


def _placed(record: PublishedRecord) -> list[Resource]:
    """In which scopes the record lies, which of them a clearing keeps, what it completes; more.

    Keys stand apart by spaces in one extension: there are some in every record.
    """
    part_of = () if record.part_of is None else (record.part_of,)
    more = tuple(f"{more.kind.value}:{more.count}" for more in record.more)
    said = (
        (_SCOPES, record.scopes),
        (_KEEPS, record.keeps),
        (_PART_OF, part_of),
        (_MORE, more),
    )
    return [extension(name, kind="String", value=" ".join(keys)) for name, keys in said if keys]


def _keys(values: Sequence[str]) -> tuple[RecordKey, ...]:
    return tuple(RecordKey(key) for key in values[0].split()) if values else ()


def _more(values: Sequence[str]) -> tuple[MoreAtSource, ...]:
    found = (one.partition(":") for one in values[0].split()) if values else ()
    return tuple(
        MoreAtSource(_KINDS_OF_MORE.get(kind, MoreKind.OTHER), int(n)) for kind, _, n in found
    )


def _extended(resource: Resource, extensions: list[Resource]) -> Resource:
    if not extensions:
        return resource
    return resource | {"extension": [*resource.get("extension", []), *extensions]}


def _meta(record: PublishedRecord, kind: str) -> Resource:
    at, _, number = record.version.partition("/")
    meta: Resource = {
        "lastUpdated": at,
        "versionId": number,
        "source": SOURCE + record.source,
        "profile": [KIND + kind],
        "tag": [{"system": CATEGORY, "code": record.category.value}],
    }
    marks = ((LABEL, record.labels), (KEPT_TO, record.kept_to))
    security = [{"system": system, "code": str(x)} for system, of in marks for x in sorted(of)]
    return meta | {"security": security} if security else meta


def _record_from_entry(entry: Resource) -> PublishedRecord:
    resource = entry["resource"]
    meta = resource["meta"]
    kind = meta["profile"][0].removeprefix(KIND)
    mapping = None if kind in _ACTIONS else BY_KIND[kind]
    said = extensions_by_name(resource)
    return PublishedRecord(
        key=RecordKey(resource["id"]),
        source=Source(meta["source"].removeprefix(SOURCE)),
        category=Category(meta["tag"][0]["code"]),
        persons=(mapping.persons if mapping else people.persons_of_patient)(resource)
        + tuple(person_from_reference(o) for o in said.get(_ALSO_ABOUT, ())),
        version=f"{meta['lastUpdated']}/{meta['versionId']}",
        payload=mapping.read(resource) if mapping else None,
        action=Action.UPSERT if mapping else _ACTIONS[kind],
        labels=frozenset(Label(code) for code in _security(meta, LABEL)),
        scopes=_keys(said.get(_SCOPES, ())),
        keeps=_keys(said.get(_KEEPS, ())),
        part_of=next(iter(_keys(said.get(_PART_OF, ()))), None),
        kept_to=frozenset(_security(meta, KEPT_TO)),
        more=_more(said.get(_MORE, ())),
    )


def _security(meta: Resource, system: str) -> list[str]:
    return [s["code"] for s in meta.get("security", ()) if s["system"] == system]
