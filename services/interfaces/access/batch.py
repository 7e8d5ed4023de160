"""Several questions in one request (AuthZEN section 7)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, assert_never

from services.interfaces.access.authzen import (
    MOST_EVALUATIONS,
    EvaluationRequest,
    EvaluationResponse,
    EvaluationsSemantic,
    RequestUnreadableError,
    request_from,
)

Evaluate = Callable[[EvaluationRequest], EvaluationResponse]
"""Answers one question. Raises RequestUnreadableError for one that it cannot read."""

_OF_SEVERAL = frozenset({"evaluations", "options"})


def answer_document(document: object, evaluate: Evaluate) -> dict[str, Any]:
    """The answer to one question, or to all that stand in `evaluations`.

    Raises RequestUnreadableError when the whole cannot be read. A single question of a batch that
    cannot be read is answered no, with the error in its context (section 7.2.1).
    """
    if not isinstance(document, Mapping):
        raise RequestUnreadableError("request", "is-not-an-object")
    questions = document.get("evaluations")
    if questions is None or questions == []:
        return as_json(evaluate(request_from(without_batch(document))))
    if not isinstance(questions, list) or not all(isinstance(q, Mapping) for q in questions):
        raise RequestUnreadableError("evaluations", "is-not-an-array-of-objects")
    if len(questions) > MOST_EVALUATIONS:
        raise RequestUnreadableError("evaluations", f"has-more-than-{MOST_EVALUATIONS}")
    defaults = without_batch(document)
    semantic = _semantic(document.get("options"))
    answers = _answers([{**defaults, **question} for question in questions], semantic, evaluate)
    return {"evaluations": [as_json(answer) for answer in answers]}


def without_batch(document: Mapping[str, Any]) -> dict[str, Any]:
    """One question without what is said of several."""
    return {name: value for name, value in document.items() if name not in _OF_SEVERAL}


def as_json(answer: EvaluationResponse) -> dict[str, Any]:
    """The answer as a JSON object, without an empty context."""
    return answer.model_dump(exclude_defaults=True)


def _answers(
    questions: list[dict[str, Any]], semantic: EvaluationsSemantic, evaluate: Evaluate
) -> Iterator[EvaluationResponse]:
    for question in questions:
        answer = _answer(question, evaluate)
        yield answer
        if _is_enough(answer, semantic):
            return


def _answer(question: dict[str, Any], evaluate: Evaluate) -> EvaluationResponse:
    try:
        return evaluate(request_from(question))
    except RequestUnreadableError as error:
        told = {"status": 400, "message": str(error)}
        return EvaluationResponse(decision=False, context={"error": told})


def _is_enough(answer: EvaluationResponse, semantic: EvaluationsSemantic) -> bool:
    match semantic:
        case EvaluationsSemantic.EXECUTE_ALL:
            return False
        case EvaluationsSemantic.DENY_ON_FIRST_DENY:
            return not answer.decision
        case EvaluationsSemantic.PERMIT_ON_FIRST_PERMIT:
            return answer.decision
        case _:
            assert_never(semantic)


def _semantic(options: object) -> EvaluationsSemantic:
    if options is None:
        return EvaluationsSemantic.EXECUTE_ALL
    if not isinstance(options, Mapping):
        raise RequestUnreadableError("options", "is-not-an-object")
    named = options.get("evaluations_semantic", EvaluationsSemantic.EXECUTE_ALL)
    try:
        return EvaluationsSemantic(named)
    except ValueError:
        known = ", ".join(EvaluationsSemantic)
        raise RequestUnreadableError(
            "options.evaluations_semantic", f"is-none-of: {known}"
        ) from None
