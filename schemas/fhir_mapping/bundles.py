"""A message's records as one FHIR transaction bundle, and back.

An upsert is a conditional PUT on the record's key, a removal a conditional DELETE
(FHIR R4 section 3.1.0.4.3 and 3.1.0.7.1), so that the bundle says by itself what is to happen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from schemas.errors import UnreadableEventError
from schemas.fhir_mapping import events, people
from schemas.fhir_mapping.systems import (
    CATEGORY,
    KIND,
    LABEL,
    PERSON,
    RECORD_KEY,
    SOURCE,
    VERSION,
    Resource,
)
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import (
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    Payload,
    PersonDetails,
    Plan,
    Relationship,
    StoryEntry,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action, Category, Label, Source

Persons = tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class _Mapping:
    kind: str
    write: Callable[[Any, Persons], Resource]
    read: Callable[[Resource], Payload]
    persons: Callable[[Resource], Persons]


_MAPPINGS: dict[type, _Mapping] = {
    PersonDetails: _Mapping(
        "person-details",
        people.patient_from_details,
        people.details_from_patient,
        people.persons_of_patient,
    ),
    ContactDetails: _Mapping(
        "contact-details",
        people.patient_from_contact,
        people.contact_from_patient,
        people.persons_of_patient,
    ),
    CommunicationNeeds: _Mapping(
        "communication-needs",
        people.patient_from_communication,
        people.communication_from_patient,
        people.persons_of_patient,
    ),
    Relationship: _Mapping(
        "relationship",
        people.related_person_from_relationship,
        people.relationship_from_related_person,
        people.persons_of_related_person,
    ),
    Involvement: _Mapping(
        "involvement",
        events.care_team_from_involvement,
        events.involvement_from_care_team,
        events.person_of_subject,
    ),
    Occurrence: _Mapping(
        "occurrence",
        events.observation_from_occurrence,
        events.occurrence_from_observation,
        events.person_of_subject,
    ),
    Plan: _Mapping(
        "plan", events.care_plan_from_plan, events.plan_from_care_plan, events.person_of_subject
    ),
    StoryEntry: _Mapping(
        "story-entry",
        events.communication_from_story,
        events.story_from_communication,
        events.person_of_subject,
    ),
}
_BY_KIND = {mapping.kind: mapping for mapping in _MAPPINGS.values()}


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
    except (KeyError, IndexError, ValueError, TypeError) as error:
        raise UnreadableEventError(f"bundle: {type(error).__name__}") from None


def _entry_from_record(record: PublishedRecord) -> Resource:
    if record.payload is None or record.action is Action.REMOVE:
        return {
            "request": {"method": "DELETE", "url": f"Basic?{_condition(record)}"},
            "resource": _tombstone(record),
        }
    mapping = _MAPPINGS[type(record.payload)]
    resource = mapping.write(record.payload, record.persons)
    url = f"{resource['resourceType']}?{_condition(record)}"
    return {
        "resource": _with_meta(resource, record, mapping.kind),
        "request": {"method": "PUT", "url": url},
    }


def _condition(record: PublishedRecord) -> str:
    return f"identifier={RECORD_KEY}|{record.key}"


def _tombstone(record: PublishedRecord) -> Resource:
    """What a removal still has to say: which record of whom, and in which version."""
    resource = {
        "resourceType": "Basic",
        "code": {"coding": [{"system": KIND, "code": "removed"}]},
        "identifier": [{"system": PERSON, "value": person} for person in record.persons],
    }
    return _with_meta(resource, record, "removed")


def _with_meta(resource: Resource, record: PublishedRecord, kind: str) -> Resource:
    key = {"system": RECORD_KEY, "value": record.key}
    tags = {KIND: kind, CATEGORY: record.category, SOURCE: record.source, VERSION: record.version}
    meta: Resource = {"tag": [{"system": s, "code": str(c)} for s, c in tags.items()]}
    if record.labels:
        meta["security"] = [{"system": LABEL, "code": str(x)} for x in sorted(record.labels)]
    return resource | {"meta": meta, "identifier": [key, *resource.get("identifier", [])]}


def _record_from_entry(entry: Resource) -> PublishedRecord:
    resource = entry["resource"]
    tags = {tag["system"]: tag["code"] for tag in resource["meta"]["tag"]}
    removed = entry["request"]["method"] == "DELETE"
    mapping = None if removed else _BY_KIND[tags[KIND]]
    return PublishedRecord(
        key=RecordKey(resource["identifier"][0]["value"]),
        source=Source(tags[SOURCE]),
        category=Category(tags[CATEGORY]),
        persons=(mapping.persons if mapping else people.persons_of_patient)(resource),
        version=tags[VERSION],
        payload=mapping.read(resource) if mapping else None,
        action=Action.REMOVE if removed else Action.UPSERT,
        labels=frozenset(Label(s["code"]) for s in resource["meta"].get("security", [])),
    )
