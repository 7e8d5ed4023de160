"""Every kind of record: what it is called on the bus, and who writes and reads it as FHIR."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from schemas.fhir_mapping import events, people
from schemas.fhir_mapping.systems import Resource
from schemas.identifiers import PersonId
from schemas.records.payloads import (
    CommunicationNeeds,
    ContactDetails,
    Involvement,
    Occurrence,
    Payload,
    PersonDetails,
    Plan,
    Relationship,
    StoryConfirmation,
    StoryEntry,
)

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
    REMOVED: "Basic",
    CLEARED: "Basic",
}
"""The FHIR resource that each kind of record is written as."""
