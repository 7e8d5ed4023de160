"""What the national register answers with, and signals, built from what a test cares about."""

import json
from typing import Any

NUMBER, OTHER = "9990000018", "9990000026"
SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
ODS = "https://fhir.nhs.uk/Id/ods-organization-code"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition"
SIGNAL_ID = "6b7e3a52-9e42-4f43-8a67-0000000000aa"
REGISTER = "https://api.example/personal-demographics/FHIR/R4/Patient"


def coded(code: str) -> dict[str, Any]:
    """A CodeableConcept of one code."""
    return {"coding": [{"code": code}]}


def a_number(number: str = NUMBER, status: str = "01", **more: Any) -> dict[str, Any]:
    """An identifier whose number was traced."""
    url = f"{UK_CORE}/Extension-UKCore-NHSNumberVerificationStatus"
    traced = {"url": url, "valueCodeableConcept": coded(status)}
    return {"system": SYSTEM, "value": number, "extension": [traced], **more}


def a_patient(mark: str | None = "U", *, number: str = NUMBER, **more: Any) -> dict[str, Any]:
    """A Patient as the register answers; None leaves an element out."""
    security = {} if mark is None else {"security": [{"code": mark}]}
    told = {
        "resourceType": "Patient",
        "id": number,
        "identifier": [a_number(number)],
        "meta": {"versionId": "7", **security},
        "name": [{"use": "usual", "family": "Ashdown", "given": ["Wren"]}],
        "gender": "female",
        "birthDate": "2024-05-03",
        "address": [{"use": "home", "line": ["4 Quarry Lane"], "postalCode": "NF1 1AA"}],
        "telecom": [{"system": "phone", "value": "01632 960140"}],
        "generalPractitioner": [a_practice("Y99901")],
        **more,
    }
    return {name: value for name, value in told.items() if value is not None}


def a_practice(code: str, **period: str) -> dict[str, Any]:
    """A practice by its code alone."""
    return {"type": "Organization", "identifier": {"system": ODS, "value": code, "period": period}}


def restricted(**more: Any) -> dict[str, Any]:
    """One whom the register marks, with all left out that it leaves out then."""
    return a_patient("R", address=None, telecom=None, generalPractitioner=None, **more)


def sent(document: dict[str, Any]) -> bytes:
    """The text of it."""
    return json.dumps(document).encode()


def a_search(*patients: dict[str, Any], asked: str | None = None) -> bytes:
    """A searchset of these, each at the address under which it was asked for."""
    entries = [{"fullUrl": f"{REGISTER}/{asked or one['id']}", "resource": one} for one in patients]
    return sent({"resourceType": "Bundle", "type": "searchset", "entry": entries})


def a_signal(
    event: str = "pds-change-of-gp-2",
    *,
    number: str | None = NUMBER,
    focus: str | None = None,
    time: str = "2026-09-01T09:00:00Z",
    beside: dict[str, Any] | None = None,
) -> bytes:
    """A signal in FHIR; `beside` is the resource that came with it."""
    context: list[dict[str, Any]] = [{"name": "event-type", "valueString": event}]
    if number is not None:
        subject = {"identifier": {"value": number}}
        context.append({"name": "subject", "valueReference": subject})
    happened: list[dict[str, Any]] = [{"name": "timestamp", "valueInstant": time}]
    if focus is not None:
        happened.append({"name": "focus", "valueReference": {"reference": f"{REGISTER}/{focus}"}})
    parameters = {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "type", "valueCode": "event-notification"},
            {"name": "notification-event", "part": happened},
            {"name": "additional-context", "part": context},
        ],
    }
    entries = [{"fullUrl": f"urn:uuid:{SIGNAL_ID}", "resource": parameters}]
    if beside is not None:
        entries.append({"fullUrl": f"{REGISTER}/{number}", "resource": beside})
    bundle = {"resourceType": "Bundle", "id": SIGNAL_ID, "type": "history", "timestamp": time}
    return sent({**bundle, "entry": entries})


def a_cloud_event(event: str, *, subject: Any = NUMBER, **more: Any) -> bytes:
    """A signal as a CloudEvent."""
    told = {
        "specversion": "1.0",
        "id": SIGNAL_ID,
        "type": event,
        "time": "2026-09-01T09:00:00Z",
        "subject": subject,
    }
    return sent({**told, **more})
