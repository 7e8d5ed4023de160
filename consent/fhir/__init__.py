"""FHIR R4 Consent: deciding over documents, and sharing decisions as documents and back.

In: Consents with a question about them (`question.Question`), or a sharing decision of ours.
Out: an answer with the data that it permits (`deciding.decide_by_consents`); Consents
(`decision_written.consents_from_decision`); a decision (`decision_read.decision_from_consents`).
Rule: what one document says: `answering.said_by`; which of several holds is said where decisions on
record are weighed too (`consent.deciding.words.decisive`). What is not understood of a document
keeps it from being applied (`reading.consent_from_json`).
"""

from consent.fhir.deciding import (
    CONSENT_POLICY_VERSION,
    ConsentDecision,
    decide_by_consents,
    obligations_of,
)
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
