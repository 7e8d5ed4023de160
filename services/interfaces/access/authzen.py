"""OpenID AuthZEN Authorization API 1.0: what is asked and answered, read, described and searched.

Section 5 (information model), 6 (Access Evaluation) and 7 (Access Evaluations). Fields that are
not known are no error of the transport, as section 10.1.1 demands of receivers; from what is on
record a question that has one is answered no (`asked.py`).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from consent.fhir.elements import Name, identifier_name, reference_name
from consent.fhir.vocabulary import Code, code_of
from services.interfaces.access.words import plain
from services.interfaces.partners.ports import Scope
from services.platform.errors import ServiceError

# What asking can fail at; messages name elements, never values.


class AccessError(ServiceError):
    """Root of what the access interface raises."""


class RequestUnreadableError(AccessError):
    """The request has not the shape of an evaluation; names the element and why."""

    def __init__(self, element: str, reason: str) -> None:
        super().__init__(f"{element}: {reason}")
        self.element = element
        self.reason = reason


MOST_EVALUATIONS = 100
Text = Annotated[str, Field(min_length=1, max_length=1024)]
Properties = dict[str, Any]


class _Entity(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, strict=True, hide_input_in_errors=True)


class _AskedEntity(_Entity):
    """What is asked keeps what it says beside: who answers may not leave it aside."""

    model_config = ConfigDict(extra="allow")


class Subject(_AskedEntity):
    """Who wants something."""

    type: Text
    id: Text
    properties: Properties = {}


class Action(_AskedEntity):
    """What they want to do."""

    name: Text
    properties: Properties = {}


class Resource(_AskedEntity):
    """What they want it of."""

    type: Text
    id: Text
    properties: Properties = {}


class EvaluationRequest(_AskedEntity):
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


# What the interface takes and gives, as the published OpenAPI document tells it.

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
    "properties": {
        "decision": {
            "type": "boolean",
            "description": "Yes only if each category and source that is asked about is permitted.",
        },
        "context": {
            "type": "object",
            "properties": {
                "reasons": {
                    "type": "array",
                    "items": {"type": "object"},
                    "description": "Codes with sentences. With a no `no-right`, whoever is asked "
                    "about, or `permitted-in-part`; `unreadable-request` names an element that was "
                    "typed wrongly, is empty or is not known here. Why, with `access:explain`.",
                },
                "obligations": {
                    "type": "array",
                    "items": {"type": "object"},
                    "description": "With a no a `forbid` of everything and a `permit` for each "
                    "`category`, perhaps of some `source`, about which the answer would be yes. "
                    "With a yes `review` where it will be looked at again.",
                },
            },
        },
    },
}
_RESPONSES: _Schema = {
    "type": "object",
    "required": ["evaluations"],
    "properties": {"evaluations": {"type": "array", "items": _RESPONSE}},
}
_ADDRESS = {"type": "string", "format": "uri"}
_DISCOVERY: _Schema = {
    "type": "object",
    "required": ["policy_decision_point", "access_evaluation_endpoint"],
    "properties": {
        "policy_decision_point": _ADDRESS,
        "access_evaluation_endpoint": _ADDRESS,
        "access_evaluations_endpoint": _ADDRESS,
    },
}
_SECURITY = [{"partner": [Scope.ACCESS_EVALUATE.value]}]
_ERRORS = (
    (400, "The request cannot be read: which element, and why"),
    (401, "No access token that holds"),
    (403, "The access token is not for this"),
    (413, "More than is taken in one request"),
    (429, "More requests than agreed, or about one name: wait as Retry-After says"),
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
            200: _json("Yes or no. A no leaves at a fixed tick.", answered),
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


# Looking for values in requests, however their keys are spelt and their values are written.

SeveralProperties = Mapping[str, Any]


def found(places: Iterable[SeveralProperties], *names: str) -> list[Any]:
    """All values under any of these keys in the first place that has one; lists are opened."""
    wanted = {plain(name) for name in names}
    for place in places:
        values = [value for key, value in place.items() if plain(key) in wanted]
        flat = [item for value in values for item in opened(value)]
        if flat or any(value == [] for value in values):
            return flat
    return []


def is_stated(places: Iterable[SeveralProperties], *names: str) -> bool:
    """Whether one of these keys is there and says something, be it an empty list."""
    wanted = {plain(name) for name in names}
    return any(
        plain(key) in wanted and value is not None
        for place in places
        for key, value in place.items()
    )


def opened(value: Any) -> Iterator[Any]:
    """A list's items; any other value itself; nothing for null and empty text."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from opened(item)
    elif value not in (None, ""):
        yield value


def codes_meant(values: Iterable[Any], named: Callable[[str], Code]) -> Iterator[Code]:
    """Codes written as `system|code`, as Coding or CodeableConcept, or as a bare word."""
    for value in values:
        if isinstance(value, str):
            yield _written_code(value, named)
        elif isinstance(value, Mapping):
            yield from codes_meant(opened(value.get("coding")), named)
            code = value.get("code", value.get("value"))
            if isinstance(code, str):
                system = value.get("system")
                yield code_of(system, code) if isinstance(system, str) and system else named(code)
            else:
                yield from codes_meant(opened(code), named)


def names_meant(values: Iterable[Any], kinds: Iterable[str] = ()) -> Iterator[Name]:
    """Names written as references, identifiers, `{type, id}`, or bare ids of one of the kinds."""
    known = tuple(kinds)
    for value in values:
        if isinstance(value, str):
            yield from _written_names(value, known)
        elif isinstance(value, Mapping):
            yield from _names_in(value, known)


def _written_code(text: str, named: Callable[[str], Code]) -> Code:
    for separator in ("|", "#"):
        system, found_, code = text.rpartition(separator)
        if found_ and (":" in system or not system):
            return code_of(system, code) if system else named(code)
    return named(text)


def _written_names(text: str, kinds: tuple[str, ...]) -> Iterator[Name]:
    if "|" in text or "/" in text or text.startswith("urn:"):
        yield text if "|" in text else reference_name(text)
        return
    yield text
    yield from (f"{kind}/{text}" for kind in kinds)


def _names_in(value: SeveralProperties, kinds: tuple[str, ...]) -> Iterator[Name]:
    if isinstance(reference := value.get("reference"), str):
        yield reference_name(reference)
    if isinstance(text := value.get("value"), str):
        system = value.get("system")
        yield identifier_name(system if isinstance(system, str) else None, text)
    yield from names_meant(opened(value.get("identifier")))
    if isinstance(own := value.get("id"), str):
        kind = value.get("type", value.get("resourceType"))
        yield from _written_names(own, (kind,) if isinstance(kind, str) else kinds)
