"""FHIR R4 Consent: deciding over documents, and sharing decisions as documents and back."""

from consent.fhir_consent.deciding import (
    CONSENT_POLICY_VERSION,
    ConsentDecision,
    decide_by_consents,
)
from consent.fhir_consent.document import ConsentDocument
from consent.fhir_consent.errors import ConsentElementError
from consent.fhir_consent.mapping import (
    ConsentTerms,
    decision_from_consent,
    terms_from_consent,
)
from consent.fhir_consent.obligations import obligations_of
from consent.fhir_consent.question import Data, Question
from consent.fhir_consent.reading import consent_from_json
from consent.fhir_consent.writing import consent_from_decision

__all__ = [
    "CONSENT_POLICY_VERSION",
    "ConsentDecision",
    "ConsentDocument",
    "ConsentElementError",
    "ConsentTerms",
    "Data",
    "Question",
    "consent_from_decision",
    "consent_from_json",
    "decide_by_consents",
    "decision_from_consent",
    "obligations_of",
    "terms_from_consent",
]
