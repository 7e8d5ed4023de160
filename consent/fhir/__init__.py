"""FHIR R4 Consent: deciding over documents, and sharing decisions as documents and back."""

from consent.fhir.answering import obligations_of
from consent.fhir.deciding import CONSENT_POLICY_VERSION, ConsentDecision, decide_by_consents
from consent.fhir.decision_read import (
    ConsentsOfDecision,
    ConsentTerms,
    decision_from_consents,
    terms_from_consent,
    terms_from_consents,
)
from consent.fhir.decision_written import consents_from_decision
from consent.fhir.document import ConsentDocument
from consent.fhir.elements import ConsentElementError
from consent.fhir.question import Data, Question
from consent.fhir.reading import consent_from_json

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
