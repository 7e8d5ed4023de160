"""Answering AuthZEN questions from FHIR Consent documents alone: no database, nothing recorded."""

from collections.abc import Sequence
from datetime import datetime

from consent.combining import CombiningAlgorithm
from consent.fhir_consent.deciding import ConsentDecision, decide_by_consents
from consent.fhir_consent.document import ConsentDocument
from consent.fhir_consent.obligations import obligations_of
from services.access.authzen import EvaluationRequest, EvaluationResponse
from services.access.batch import Evaluate
from services.access.questions import Members, question_from


def evaluate_by_consents(
    documents: Sequence[ConsentDocument],
    algorithm: CombiningAlgorithm,
    *,
    now: datetime,
    at: datetime | None = None,
    members: Members = (),
) -> Evaluate:
    """A function that answers each request from these documents."""

    def evaluate(request: EvaluationRequest) -> EvaluationResponse:
        question = question_from(request, now=now, at=at, members=members)
        return response_from(decide_by_consents(question, documents, algorithm))

    return evaluate


def response_from(decision: ConsentDecision) -> EvaluationResponse:
    """The decision in the shape of DESIGN.md section 15."""
    return EvaluationResponse(
        decision=decision.is_permitted,
        context={
            "mode": decision.mode.value,
            "reasons": [{"code": told.reason.value, "text": told.text} for told in decision.told],
            "obligations": obligations_of(decision.permitted) if decision.is_permitted else [],
            "policy_version": decision.policy_version,
            "combine": decision.combine.value,
        },
    )
