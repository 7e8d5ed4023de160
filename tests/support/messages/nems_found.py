"""NEMS messages in JSON about one child, with whatever resources a case sends beside the child."""

import json
from collections.abc import Mapping
from typing import Any

Resource = Mapping[str, Any]

ME = {"reference": "urn:uuid:child"}
MOTHER = {"reference": "urn:uuid:mother"}
FOCUS = "urn:uuid:focus"
NUMBER = "9990000018"
BORN = "2024-03-05"
ON = "2026-09-01"

_STRUCTURE = "https://fhir.nhs.uk/STU3/StructureDefinition"
_CODES = "https://fhir.nhs.uk/STU3/CodeSystem"
_EVENTS_OF_ENCOUNTERS = "encounter-1"


def a_message(*resources: Resource, event: str = _EVENTS_OF_ENCOUNTERS, **more: Any) -> bytes:
    """A message about an encounter of the child, or about `focus`; its type is `new` or `type`.

    `called` are the encounter's types, `name` is the child's. A resource is known to references by
    `urn:uuid:` and its id.
    """
    focus = more.get("focus") or an_encounter(more.get("called"))
    child = {**_CHILD, "name": [more["name"]]} if "name" in more else _CHILD
    header = _header(event, more.get("type", "new"), more.get("at", f"{ON}T18:00:00+00:00"))
    entries = [header, _SENDER, focus, child, *resources]
    return json.dumps(
        {
            "resourceType": "Bundle",
            "type": "message",
            "entry": [
                {"fullUrl": f"urn:uuid:{one.get('id', number)}", "resource": one}
                for number, one in enumerate(entries)
            ],
        }
    ).encode()


def an_encounter(called: Any = None) -> Resource:
    """The encounter that a message is about, of one type or of several."""
    types = called if isinstance(called, list) else [{"text": called}] if called else []
    return {
        "resourceType": "Encounter",
        "id": "focus",
        "identifier": [{"system": "https://northfield.example/encounter", "value": "e-1"}],
        "status": "finished",
        **({"type": types} if types else {}),
        "subject": ME,
        "period": {"start": ON},
    }


def an_episode(*teams: str, **more: Any) -> Resource:
    """A health visiting episode of the child, with these teams."""
    return {
        "resourceType": "EpisodeOfCare",
        "id": "focus",
        "identifier": [{"system": "https://northfield.example/episode", "value": "ep-1"}],
        "status": "active",
        "type": [{"text": "Health visiting service"}],
        "patient": ME,
        "managingOrganization": {"reference": "urn:uuid:sender"},
        "period": {"start": "2026-08-01"},
        "team": [{"reference": f"urn:uuid:{team}"} for team in teams],
        **more,
    }


def a_team(key: str, name: str, *members: str, **more: Any) -> Resource:
    """A team of health visitors, each by their key."""
    seats = [
        {"role": snomed("224534008", "Health visitor"), "member": {"reference": f"urn:uuid:{one}"}}
        for one in members
    ]
    return {"resourceType": "CareTeam", "id": key, "name": name, "participant": seats, **more}


def observed(code: Any, **more: Any) -> Resource:
    """A final observation of the child: `code` in words, or as FHIR's element."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": code} if isinstance(code, str) else code,
        "subject": ME,
        **more,
    }


def snomed(code: str, display: str | None = None) -> dict[str, Any]:
    """A CodeableConcept with one code of SNOMED CT."""
    return {"coding": [coding("http://snomed.info/sct", code, display)]}


def loinc(code: str, display: str | None = None) -> dict[str, Any]:
    """A CodeableConcept with one code of LOINC."""
    return {"coding": [coding("http://loinc.org", code, display)]}


def coding(system: str, code: str, display: str | None = None) -> dict[str, str]:
    """A Coding, with words only where they are given."""
    words = {} if display is None else {"display": display}
    return {"system": system, "code": code, **words}


_SENDER: Resource = {
    "resourceType": "Organization",
    "id": "sender",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "X9H01"}],
    "name": "Northfield Community Health",
    "telecom": [{"system": "phone", "value": "01632 960100"}],
}
_CHILD: Resource = {
    "resourceType": "Patient",
    "id": "child",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": NUMBER}],
    "name": [{"use": "official", "family": "Marlow", "given": ["Edie"]}],
    "birthDate": BORN,
}


def _header(event: str, kind: str, at: str) -> Resource:
    return {
        "resourceType": "MessageHeader",
        "id": f"message/{event}/{kind}",
        "meta": {"lastUpdated": at},
        "extension": [
            {
                "url": f"{_STRUCTURE}/Extension-RoutingDemographics-1",
                "extension": [
                    {"url": "nhsNumber", "valueIdentifier": {"value": NUMBER}},
                    {"url": "birthDateTime", "valueDateTime": BORN},
                ],
            },
            {
                "url": f"{_STRUCTURE}/Extension-MessageEventType-1",
                "valueCodeableConcept": {"coding": [coding(f"{_CODES}/MessageEventType-1", kind)]},
            },
        ],
        "event": coding(f"{_CODES}/EventType-1", event),
        "responsible": {"reference": "urn:uuid:sender"},
        "focus": [{"reference": FOCUS}],
    }
