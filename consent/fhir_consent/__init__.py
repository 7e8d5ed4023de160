"""FHIR R4 Consent: deciding over documents, and sharing decisions as documents and back."""

from consent.fhir_consent.assembling import (
    ConsentsOfDecision,
    decision_from_consents,
    terms_from_consents,
)
from consent.fhir_consent.deciding import (
    CONSENT_POLICY_VERSION,
    ConsentDecision,
    decide_by_consents,
)
from consent.fhir_consent.document import ConsentDocument
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.mapping import ConsentTerms, terms_from_consent
from consent.fhir_consent.obligations import obligations_of
from consent.fhir_consent.question import Data, Question
from consent.fhir_consent.reading import consent_from_json
from consent.fhir_consent.writing import consents_from_decision

__all__ = [
    "CONSENT_POLICY_VERSION",
    "ConsentDecision",
    "ConsentDocument",
    "ConsentElementError",
    "ConsentTerms",
    "ConsentsOfDecision",
    "Data",
    "Question",
    "consent_from_json",
    "consents_from_decision",
    "decide_by_consents",
    "decision_from_consents",
    "obligations_of",
    "terms_from_consent",
    "terms_from_consents",
]
