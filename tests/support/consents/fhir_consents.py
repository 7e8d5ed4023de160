"""FHIR R4 Consents for tests; ask only for what matters."""

from typing import Any

from consent.fhir.vocabulary import ACT_REASON, CONFIDENTIALITY, CONSENT_SCOPE, PARTICIPATION_TYPE

_TOP = frozenset(
    {"policyRule", "dateTime", "status", "scope", "patient", "verification", "modifierExtension"}
    | {"contained", "category", "implicitRules", "extension", "policy", "id"}
)


def a_consent(effect: str | None = "permit", **elements: Any) -> dict[str, Any]:
    """Build a consent of patient p1; elements of the provision go into the provision."""
    provision = {} if effect is None else {"type": effect}
    provision |= {name: value for name, value in elements.items() if name not in _TOP}
    consent: dict[str, Any] = {
        "resourceType": "Consent",
        "status": "active",
        "scope": concept(CONSENT_SCOPE, "patient-privacy"),
        "category": [concept("http://loinc.org", "59284-0")],
        "patient": {"reference": "Patient/p1"},
        "dateTime": "2025-01-01",
    }
    consent |= {name: value for name, value in elements.items() if name in _TOP}
    return consent | ({"provision": provision} if provision else {})


def an_actor(reference: str, role: str = "IRCP") -> dict[str, Any]:
    """Build an actor of a provision."""
    return {"role": concept(PARTICIPATION_TYPE, role), "reference": {"reference": reference}}


def concept(system: str, code: str) -> dict[str, Any]:
    """Build a CodeableConcept."""
    return {"coding": [{"system": system, "code": code}]}


def purposes(*codes: str) -> list[dict[str, str]]:
    """Build purposes of use."""
    return [{"system": ACT_REASON, "code": code} for code in codes]


def confidentialities(*codes: str) -> list[dict[str, str]]:
    """Build labels of confidentiality."""
    return [{"system": CONFIDENTIALITY, "code": code} for code in codes]
