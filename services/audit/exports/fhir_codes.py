"""The codes of AuditEvents: of FHIR, of DICOM, of IHE BALP, and our own. Pure.

Each is made once, and stands in millions of documents.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from services.audit.exports.fhir_profiles import BALP, BalpProfile, NoProfile, followed_by

Coding = Mapping[str, str]

ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
DCM = "http://dicom.nema.org/resources/ontology/DCM"
SNOMED = "http://snomed.info/sct"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_SYSTEMS = {
    "restful-interaction": "http://hl7.org/fhir/restful-interaction",
    "resource-types": "http://hl7.org/fhir/resource-types",
    "balp:AuthZsubType": f"{BALP}/CodeSystem/AuthZsubType",
    **{
        name: _TERMINOLOGY + name
        for name in (
            *("audit-event-type", "audit-entity-type", "object-role", "iso-21089-lifecycle"),
            *("security-source-type", "v3-ParticipationType", "v3-RoleClass"),
            *("extra-security-role-type", "provenance-participant-type"),
        )
    },
}
ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def coding(system: str, code: str) -> dict[str, str]:
    """A code of a system, which is named by the end of its address or by the whole."""
    return {"system": _SYSTEMS.get(system, system), "code": code}


def concept(system: str, code: str) -> dict[str, Any]:
    """The same as a CodeableConcept."""
    return {"coding": [coding(system, code)]}


def own(kind: str, code: str) -> dict[str, str]:
    """A code of our own."""
    return {"system": f"urn:tell-once:{kind}", "code": code}


def ref(kind: str, value: str) -> dict[str, str]:
    """An identifier of our own."""
    return {"system": f"urn:tell-once:{kind}", "value": value}


REST = coding("audit-event-type", "rest")
ALERT = coding(DCM, "110113")
EXPORT = coding(DCM, "110106")
DISCLOSE = coding("iso-21089-lifecycle", "disclose")
PERSON = coding("audit-entity-type", "1")
SYSTEM_OBJECT = coding("audit-entity-type", "2")
CONSENT_TYPE = coding("resource-types", "Consent")
PATIENT = coding("object-role", "1")
DOMAIN_RESOURCE = coding("object-role", "4")
QUERY = coding("object-role", "24")
UNKNOWN_NETWORK = {"extension": [{"url": ABSENT, "valueCode": "unknown"}]}

_ACTIONS = {"Read": "R", "Query": "E", "Create": "C", "Update": "U", "Delete": "D"}


def _type_of(profile: BalpProfile) -> Mapping[str, Any]:
    match profile:
        case BalpProfile.AUTHZ_CONSENT:
            return {"type": ALERT, "action": "E"}
        case BalpProfile.DISCLOSURE_SOURCE:
            return {"type": EXPORT, "action": "R"}
        case _:
            return {"type": REST, "action": _ACTIONS[profile.value.removeprefix("Patient")]}


TYPES = {profile: _type_of(profile) for profile in BalpProfile}
"""What each profile fixes of type and action."""

_OF_REASON = {
    NoProfile.REFUSED: ALERT,
    NoProfile.NO_CONSENT: ALERT,
    NoProfile.EMERGENCY: ALERT,
    NoProfile.SIGN_IN: coding(DCM, "110114"),
    NoProfile.NO_PATIENT: EXPORT,
    NoProfile.RUNNING: coding(DCM, "110100"),
}


@cache
def type_without(event: Any) -> Coding:
    """The type of an AuditEvent that follows no profile: the nearest of DICOM's."""
    why = followed_by(event, has_patient=False, has_consent=False).why_not
    return _OF_REASON[why or NoProfile.RUNNING]
