"""Codes with their systems, and the code systems that consents name."""

from dataclasses import dataclass

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
CONSENT_ACTION = "http://terminology.hl7.org/CodeSystem/consentaction"
CONSENT_CATEGORY = "http://terminology.hl7.org/CodeSystem/consentcategorycodes"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
PARTICIPATION_TYPE = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
OWN_AGENCY = "urn:tell-once:agency"
OWN_GROUP = "urn:tell-once:group"
OWN_CATEGORY = "urn:tell-once:category"
OWN_EXISTENCE = "urn:tell-once:existence"
OWN_PURPOSE = "urn:tell-once:purpose"
OWN_DUTY_PURPOSE = "urn:tell-once:purpose-under-a-duty"
OWN_ROLE = "urn:tell-once:role"
UNKNOWN_SYSTEM = ""
"""Of a code that was given without a system: it agrees with the same code in any system."""

_ALIASES = {
    "http://hl7.org/fhir/v3/ActCode": ACT_CODE,
    "urn:oid:2.16.840.1.113883.5.4": ACT_CODE,
    "http://hl7.org/fhir/v3/ActReason": ACT_REASON,
    "urn:oid:2.16.840.1.113883.5.8": ACT_REASON,
    "http://terminology.hl7.org/ValueSet/v3-PurposeOfUse": ACT_REASON,
    "http://hl7.org/fhir/v3/Confidentiality": CONFIDENTIALITY,
    "urn:oid:2.16.840.1.113883.5.25": CONFIDENTIALITY,
    "http://hl7.org/fhir/v3/ParticipationType": PARTICIPATION_TYPE,
    "http://hl7.org/fhir/consentaction": CONSENT_ACTION,
    "http://hl7.org/fhir/consentscope": CONSENT_SCOPE,
    "http://hl7.org/fhir/consentcategorycodes": CONSENT_CATEGORY,
}
"""What the same systems were called in STU3 and in CDA, and a value set given for its system."""


@dataclass(frozen=True, slots=True, order=True)
class Code:
    """A code and the system that it is from."""

    system: str
    code: str

    def agrees_with(self, other: "Code") -> bool:
        """Whether both say the same, as far as their systems are known."""
        systems = {self.system, other.system} - {UNKNOWN_SYSTEM}
        return self.code == other.code and len(systems) <= 1


def code_of(system: str | None, code: str) -> Code:
    """The code in the current name of its system, without the system's version."""
    name = (system or UNKNOWN_SYSTEM).partition("|")[0].rstrip("/")
    return Code(_ALIASES.get(name, name), code)
