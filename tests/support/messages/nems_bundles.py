"""NEMS messages as FHIR's JSON has them, from plain resources, so that any element can be said."""

import json
from typing import Any

Resource = dict[str, Any]

CHILD, OTHER_CHILD = "9990000018", "9990000026"
SENT = "2026-03-02"
_STU3 = "https://fhir.nhs.uk/STU3"
_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_TRACED = (
    "https://fhir.hl7.org.uk/STU3/StructureDefinition/"
    "Extension-CareConnect-NHSNumberVerificationStatus-1"
)


def bundle(event: str, *resources: Resource, **header: Any) -> bytes:
    """A message about its first resource, sent on 2 March 2026; ids are the references."""
    entries = [_header(event, resources[0]["id"], **header), *resources]
    made = [{"fullUrl": f"urn:uuid:{one['id']}", "resource": one} for one in entries]
    document = {"resourceType": "Bundle", "type": "message", "entry": made}
    return json.dumps(document).encode()


def to(key: str) -> Resource:
    """A reference to the resource with that id."""
    return {"reference": f"urn:uuid:{key}"}


def number(value: str = CHILD, *, traced: bool = True, **more: Any) -> Resource:
    """An NHS number, traced or not said to be."""
    status = {"url": _TRACED, "valueCodeableConcept": {"coding": [{"code": "01"}]}}
    stated = {"system": _NUMBER, "value": value, **more}
    return stated | ({"extension": [status]} if traced else {})


def patient(key: str = "pat", **more: Any) -> Resource:
    """The child: Ada Fern, born on 15 January 2024."""
    return {
        "resourceType": "Patient",
        "id": key,
        "identifier": [number()],
        "name": [{"use": "official", "family": "Fern", "given": ["Ada"]}],
        "gender": "female",
        "birthDate": "2024-01-15",
    } | more


def organisation(key: str = "org", code: str = "A83627", **more: Any) -> Resource:
    """The trust that sends, without a telephone unless it is given one."""
    identifier = {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": code}
    said = {"identifier": [identifier], "name": "Northfield Community Health"}
    return {"resourceType": "Organization", "id": key, **said, **more}


def encounter(**more: Any) -> Resource:
    """A 2 to 2½ year review on 20 February 2026, which is on time."""
    return {
        "resourceType": "Encounter",
        "id": "focus",
        "identifier": [{"system": "https://trust.example/id", "value": "e-1"}],
        "status": "finished",
        "type": [{"coding": [{"code": "0026", "display": "2-2.5 Year Health Visitor review"}]}],
        "subject": to("pat"),
        "period": {"start": "2026-02-20"},
        "serviceProvider": to("org"),
    } | more


def episode(**more: Any) -> Resource:
    """A health visiting service since 1 September 2025, of Ruth Moss."""
    return {
        "resourceType": "EpisodeOfCare",
        "id": "focus",
        "identifier": [{"system": "https://trust.example/id", "value": "ep-1"}],
        "status": "active",
        "type": [{"coding": [{"display": "Health visiting service"}]}],
        "patient": to("pat"),
        "managingOrganization": to("org"),
        "period": {"start": "2025-09-01"},
        "careManager": to("pr"),
    } | more


def practitioner(**more: Any) -> Resource:
    """Ruth Moss."""
    name = {"name": [{"family": "Moss", "given": ["Ruth"]}]}
    return {"resourceType": "Practitioner", "id": "pr", **name, **more}


def observation(key: str = "obs", words: str = "Head circumference", **more: Any) -> Resource:
    """A finding of 47 cm, final."""
    return {
        "resourceType": "Observation",
        "id": key,
        "status": "final",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": words}]},
        "subject": to("pat"),
        "valueQuantity": {"value": 47, "unit": "cm"},
    } | more


def questionnaire(key: str = "qr", *, indicator: str | None = None, **more: Any) -> Resource:
    """That somebody uses a wheelchair."""
    need = {
        "linkId": "mobilityNeeds",
        "answer": [{"valueCoding": {"display": "Uses a wheelchair"}}],
    }
    whose = {
        "linkId": "individualNeedsPersonIndicator",
        "answer": [{"valueCoding": {"display": indicator}}],
    }
    items = [need] if indicator is None else [whose, need]
    said = {"status": "completed", "subject": to("pat"), "item": items}
    return {"resourceType": "QuestionnaireResponse", "id": key, **said, **more}


def immunization(**more: Any) -> Resource:
    """A vaccination given on 14 February 2026."""
    return {
        "resourceType": "Immunization",
        "id": "focus",
        "identifier": [{"system": "https://trust.example/id", "value": "i-1"}],
        "status": "completed",
        "notGiven": False,
        "vaccineCode": {"coding": [{"code": "1", "display": "MMR vaccine"}]},
        "patient": to("pat"),
        "date": "2026-02-14",
    } | more


def concept(words: str) -> Resource:
    """Something coded, with its words."""
    return {"coding": [{"system": "http://snomed.info/sct", "code": "1", "display": words}]}


def found(kind: str, **more: object) -> Resource:
    """A resource about the child, at the encounter."""
    return {"resourceType": kind, "id": kind.casefold(), "subject": to("pat"), **more}


def phone(value: str, **more: Any) -> Resource:
    """A telephone number."""
    return {"system": "phone", "value": value, **more}


def _header(
    event: str,
    focus: str,
    *,
    routed: str = CHILD,
    born: str = "2024-01-15",
    updated: str = f"{SENT}T10:00:00+00:00",
    kind: str = "new",
) -> Resource:
    demographics = [
        {"url": "nhsNumber", "valueIdentifier": {"system": _NUMBER, "value": routed}},
        {"url": "name", "valueHumanName": {"family": "Fern", "given": ["Ada"]}},
        {"url": "birthDateTime", "valueDateTime": born},
    ]
    event_type = {"coding": [{"code": kind}]}
    extensions = f"{_STU3}/StructureDefinition/Extension-"
    return {
        "resourceType": "MessageHeader",
        "id": "34acbd84-aa32-4447-8a7d-c6e33857c2d6" if kind == "new" else f"message-{kind}",
        "meta": {"lastUpdated": updated},
        "extension": [
            {"url": f"{extensions}RoutingDemographics-1", "extension": demographics},
            {"url": f"{extensions}MessageEventType-1", "valueCodeableConcept": event_type},
        ],
        "event": {"code": event},
        "timestamp": updated,
        "responsible": to("org"),
        "focus": [to(focus)],
    }
