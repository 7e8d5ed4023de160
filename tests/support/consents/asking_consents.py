"""Questions to FHIR consents for tests; ask only for what matters."""

from datetime import UTC, datetime
from typing import Any

from consent.fhir import Question, consent_from_json, decide_by_consents
from consent.fhir.answering import ConsentReason
from consent.fhir.question import ConsentAction
from consent.fhir.vocabulary import ACT_REASON, CONFIDENTIALITY, Code

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ME = "Practitioner/me"
READ = frozenset({ConsentAction.ACCESS, ConsentAction.DISCLOSE})


def a_question(**more: Any) -> Question:
    """Build a question: by default by me, for treatment, about p1."""
    defaults: dict[str, Any] = {
        "at": NOW,
        "patients": frozenset({"Patient/p1"}),
        "actors": frozenset({ME}),
        "purposes": frozenset({Code(ACT_REASON, "TREAT")}),
        "actions": READ,
    }
    return Question(**(defaults | more))


def permits(consent: dict[str, Any], **more: Any) -> bool:
    """Tell whether this consent alone permits the question."""
    return decide_by_consents(a_question(**more), [consent_from_json(consent)]).is_permitted


def reasons(consent: dict[str, Any], **more: Any) -> set[ConsentReason]:
    """Give the reasons for which this consent alone permits or does not."""
    told = decide_by_consents(a_question(**more), [consent_from_json(consent)]).told
    return {one.reason for one in told}


def elements(consent: dict[str, Any]) -> set[str]:
    """Give the elements that were not understood."""
    told = decide_by_consents(a_question(), [consent_from_json(consent)]).told
    return {one.element for one in told if one.reason is ConsentReason.NOT_UNDERSTOOD}


def a_label(code: str) -> Code:
    """Build a label of confidentiality as data carries it."""
    return Code(CONFIDENTIALITY, code)
