"""OpenID AuthZEN Authorization API 1.0: what is asked and answered, at the edge.

Section 5 (information model), 6 (Access Evaluation) and 7 (Access Evaluations). Fields that are
not known are left aside, as section 10.1.1 demands of receivers.
"""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from services.access.errors import RequestUnreadableError

MOST_EVALUATIONS = 100
Text = Annotated[str, Field(min_length=1, max_length=1024)]
Properties = dict[str, Any]


class _Entity(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


class Subject(_Entity):
    """Who wants something."""

    type: Text
    id: Text
    properties: Properties = {}


class Action(_Entity):
    """What they want to do."""

    name: Text
    properties: Properties = {}


class Resource(_Entity):
    """What they want it of."""

    type: Text
    id: Text
    properties: Properties = {}


class EvaluationRequest(_Entity):
    """One question (section 6.1)."""

    subject: Subject
    action: Action
    resource: Resource
    context: Properties = {}


class EvaluationsSemantic(StrEnum):
    """How far a batch is gone through (section 7.1.2.1)."""

    EXECUTE_ALL = "execute_all"
    DENY_ON_FIRST_DENY = "deny_on_first_deny"
    PERMIT_ON_FIRST_PERMIT = "permit_on_first_permit"


class EvaluationResponse(_Entity):
    """One answer (section 6.2)."""

    decision: bool
    context: Properties = {}


def request_from(document: object) -> EvaluationRequest:
    """Read one question. Raises RequestUnreadableError naming the element, never its value."""
    try:
        return EvaluationRequest.model_validate(document)
    except ValidationError as error:
        raise RequestUnreadableError(*_first_of(error)) from None


def _first_of(error: ValidationError) -> tuple[str, str]:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return ".".join(str(part) for part in first["loc"]) or "request", first["type"]
