"""Several questions in one request: AuthZEN's three semantics and its errors."""

from typing import Any

import pytest

from services.interfaces.access.authzen import (
    MOST_EVALUATIONS,
    EvaluationRequest,
    EvaluationResponse,
    EvaluationsSemantic,
    RequestUnreadableError,
)
from services.interfaces.access.batch import answer_document
from tests.support.authzen import an_evaluation


def _is_even(request: EvaluationRequest) -> EvaluationResponse:
    return EvaluationResponse(decision=int(request.resource.id) % 2 == 0)


def _batch(semantic: str | None, *ids: str) -> dict[str, Any]:
    batch = an_evaluation(evaluations=[{"resource": {"type": "t", "id": i}} for i in ids])
    return batch if semantic is None else batch | {"options": {"evaluations_semantic": semantic}}


@pytest.mark.parametrize(
    ("semantic", "expected"),
    [
        (None, [True, False, True]),
        (EvaluationsSemantic.EXECUTE_ALL, [True, False, True]),
        (EvaluationsSemantic.DENY_ON_FIRST_DENY, [True, False]),
        (EvaluationsSemantic.PERMIT_ON_FIRST_PERMIT, [True]),
    ],
)
def test_a_batch_goes_as_far_as_its_semantic_says(semantic: str | None, expected: list[bool]):
    """Answers come in the order of the questions."""
    answer = answer_document(_batch(semantic, "2", "3", "4"), _is_even)

    assert [one["decision"] for one in answer["evaluations"]] == expected


def test_a_question_of_its_own_beats_the_default():
    """Key by key, not part by part."""
    own = {"resource": {"type": "t", "id": "4"}, "subject": {"type": "s", "id": "s"}}
    batch = an_evaluation(evaluations=[own], resource={"type": "t", "id": "3"})

    assert answer_document(batch, _is_even) == {"evaluations": [{"decision": True}]}


@pytest.mark.parametrize("evaluations", [[], None])
def test_without_questions_in_it_a_batch_is_one_question(evaluations: list[Any] | None):
    """As section 7.1 says."""
    request = an_evaluation(resource={"type": "t", "id": "2"}, evaluations=evaluations)

    assert answer_document(request, _is_even) == {"decision": True}


def test_a_question_of_a_batch_that_cannot_be_read_is_a_no():
    """With the error in its context; the others are answered."""
    batch = {"subject": {"type": "s", "id": "s"}, "action": {"name": "read"}}
    batch |= {"evaluations": [{}, {"resource": {"type": "t", "id": "2"}}]}

    answers = answer_document(batch, _is_even)["evaluations"]

    assert answers[0]["decision"] is False
    assert answers[0]["context"]["error"] == {"status": 400, "message": "resource: missing"}
    assert answers[1] == {"decision": True}


@pytest.mark.parametrize(
    ("document", "element"),
    [
        ([], "request"),
        ({}, "subject"),
        (an_evaluation(subject={"type": "s"}), "subject.id"),
        (an_evaluation(subject={"type": "s", "id": 7}), "subject.id"),
        (an_evaluation(action={"name": ""}), "action.name"),
        (an_evaluation(context=[]), "context"),
        (an_evaluation(evaluations={}), "evaluations"),
        (an_evaluation(evaluations=["x"]), "evaluations"),
        (an_evaluation(evaluations=[{}] * (MOST_EVALUATIONS + 1)), "evaluations"),
        (an_evaluation(evaluations=[{}], options=7), "options"),
        (
            an_evaluation(evaluations=[{}], options={"evaluations_semantic": "some"}),
            "options.evaluations_semantic",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_name(document: Any, element: str):
    """The whole, before anything in it is answered."""
    with pytest.raises(RequestUnreadableError) as refused:
        answer_document(document, _is_even)

    assert refused.value.element == element


def test_fields_that_are_not_known_are_left_aside():
    """Section 10.1.1: receivers ignore them."""
    request = an_evaluation(resource={"type": "t", "id": "2", "colour": "red"}, weather="fine")

    assert answer_document(request, _is_even) == {"decision": True}
