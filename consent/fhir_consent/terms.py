"""What a FHIR Consent can say of a sharing decision, and how each part is written in it.

Within the structure of IHE PCF: one patient, scope patient-privacy, a policy URI, one provision
whose actors are recipients (IRCP) and which has neither action, class, code nor nested provisions.
What PCF has no place for stands in codes of our own: categories of data as security labels (the
value set is extensible), response and basis as further categories of the consent, agencies and
roles as identified actors, sources as the author of the data.
"""

from consent.lawfulness import Basis
from consent.model import DeciderKind, Mode, Response
from schemas.vocabulary import Purpose

RESPONSE = "urn:tell-once:response"
BASIS = "urn:tell-once:basis"
DECIDER = "urn:tell-once:decider:"
DECISION = "urn:tell-once:decision"
PERSON = "urn:tell-once:person"
LOINC = "http://loinc.org"
LOINC_CONSENT = "59284-0"

DENYING = frozenset({Response.REFUSED, Response.OBJECTED, Response.DETRIMENTAL})
USUAL_MODES = {
    Response.GIVEN: Mode.CONTENT,
    **dict.fromkeys(DENYING, Mode.EXISTENCE),
}
"""A Consent says nothing of mere existence: only the usual mode of a response is expressed."""

DECIDER_TYPES = {
    DeciderKind.PARENT: "RelatedPerson",
    DeciderKind.YOUNG_PERSON: "Patient",
    DeciderKind.ADULT_SELF: "Patient",
    DeciderKind.PRACTITIONER: "Practitioner",
}
HL7_PURPOSES = {
    "TREAT": Purpose.DIRECT_CARE,
    "HQUALIMP": Purpose.SERVICE_IMPROVEMENT,
    "PATRQT": Purpose.SUBJECT_ACCESS,
}
"""Purposes of others that mean one of ours; others are refused."""
USUAL_BASIS = Basis.CONSENT
