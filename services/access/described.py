"""What the access interface takes and gives, as the published OpenAPI document tells it."""

from typing import Any

from services.access.authzen import MOST_EVALUATIONS, EvaluationRequest, EvaluationsSemantic
from services.partners.scopes import Scope

_Schema = dict[str, Any]
_REQUEST = EvaluationRequest.model_json_schema(ref_template="#/components/schemas/{model}")
_DEFINITIONS: _Schema = _REQUEST.pop("$defs")
_ONE: _Schema = {"$ref": "#/components/schemas/EvaluationRequest"}
_SEVERAL: _Schema = {
    "type": "object",
    "required": ["evaluations"],
    "properties": {
        "evaluations": {
            "type": "array",
            "minItems": 1,
            "maxItems": MOST_EVALUATIONS,
            "items": {"type": "object"},
            "description": "Each an EvaluationRequest; what it lacks stands beside `evaluations`. "
            "One that cannot be read is answered no, with the error in its context.",
        },
        "options": {
            "type": ["object", "null"],
            "properties": {
                "evaluations_semantic": {"enum": [s.value for s in EvaluationsSemantic]}
            },
        },
    },
}
_RESPONSE: _Schema = {
    "type": "object",
    "title": "EvaluationResponse",
    "required": ["decision"],
    "properties": {"decision": {"type": "boolean"}, "context": {"type": "object"}},
}
_RESPONSES: _Schema = {
    "type": "object",
    "required": ["evaluations"],
    "properties": {"evaluations": {"type": "array", "items": _RESPONSE}},
}
_DISCOVERY: _Schema = {
    "type": "object",
    "required": ["policy_decision_point", "access_evaluation_endpoint"],
    "additionalProperties": {"type": "string", "format": "uri"},
}
_SECURITY = [{"partner": [Scope.ACCESS_EVALUATE.value]}]
_ERRORS = (
    (400, "The request cannot be read: which element, and why"),
    (401, "No access token that holds"),
    (403, "The access token is not for this"),
    (413, "More than is taken in one request"),
    (429, "More requests than agreed: wait as Retry-After says"),
    (500, "Nothing could be decided"),
)
SCHEMAS: _Schema = {**_DEFINITIONS, "EvaluationRequest": _REQUEST}
"""For the document's components: AuthZEN's information model (section 5)."""


def evaluation_described() -> _Schema:
    """The single interface: options of the route."""
    return _described("evaluate", _ONE, _RESPONSE)


def evaluations_described() -> _Schema:
    """The batch interface, which answers a single question too (section 7.1)."""
    answers = {"anyOf": [_RESPONSES, _RESPONSE]}
    return _described("evaluate-several", {"anyOf": [_SEVERAL, _ONE]}, answers)


def _described(name: str, asked: _Schema, answered: _Schema) -> _Schema:
    return {
        "operation_id": name,
        "responses": {
            200: _json("Yes or no", answered),
            **{status: _told(meaning) for status, meaning in _ERRORS},
        },
        "openapi_extra": {
            "security": _SECURITY,
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": asked}},
            },
        },
    }


def _told(meaning: str) -> _Schema:
    return {"description": meaning, "content": {"text/plain": {"schema": {"type": "string"}}}}


def _json(meaning: str, schema: _Schema) -> _Schema:
    return {"description": meaning, "content": {"application/json": {"schema": schema}}}


DISCOVERED: dict[int | str, dict[str, Any]] = {200: _json("Where to ask (section 9.1)", _DISCOVERY)}
"""Of the discovery document."""
