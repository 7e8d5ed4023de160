"""The OpenAPI 3.1 document of the interfaces for machines, put together from the applications.

FastAPI describes parameters and answers of each route. What it cannot know is added here: which
scopes the guards ask for, and the answers that every guarded route may give.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from services.interfaces.partners.calling import BodyUpTo, ScopeGuard
from services.interfaces.partners.described.examples import with_examples
from services.interfaces.partners.edge import TOKEN_PATH
from services.interfaces.partners.ports import Scope
from services.interfaces.partners.problem_details import (
    FAULTY,
    KINDS,
    NOT_TEXT,
    PROBLEM,
    UNAVAILABLE,
    UNEXPECTED,
    Problem,
    ProblemFault,
    ProblemKind,
)
from services.interfaces.partners.push.events import (
    BATCHED,
    JSON,
    LONGEST,
    MOST_EVENTS,
    PUSHED,
    SOURCE_OF_TYPE,
    STRUCTURED,
    TIME,
    is_json,
)

# What a push looks like.

_Schema = dict[str, Any]
_NAME: _Schema = {
    "type": "string",
    "minLength": 1,
    "maxLength": LONGEST,
    "pattern": r"^[^\x00]*$",
}
_BASE64 = "^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_NULL: _Schema = {"type": "null"}
_ATTRIBUTES: _Schema = {
    "specversion": {"const": "1.0"},
    "id": _NAME | {"description": "Yours; sent again with the same data it is the same event."},
    "source": _NAME | {"description": "Your system, as a URI reference."},
    "time": {
        "type": ["string", "null"],
        "format": "date-time",
        "pattern": TIME,
        "description": "When it happened: orders data that has no time itself. One in the future "
        "counts as the moment at which the event came.",
    },
}


def _events() -> Iterator[_Schema]:
    """Events of each source: with JSON as it is, with text as a string, with either as base64."""
    for kind, source in SOURCE_OF_TYPE.items():
        as_json = sorted(filter(is_json, PUSHED[source].media_types))
        as_text = sorted(PUSHED[source].media_types - set(as_json))
        if as_json:
            yield _event(kind, f"{source.label} in JSON", as_json, {"not": _NULL})
        if as_text:
            yield _event(kind, f"{source.label} as text", as_text, {"type": "string"})


def _event(kind: str, title: str, media_types: list[str], written: _Schema) -> _Schema:
    is_optional = JSON in media_types
    required = ["specversion", "id", "source", "type"]
    as_it_is = {"data": written, "data_base64": _NULL}
    encoded = {
        "data": _NULL,
        "data_base64": {"type": "string", "contentEncoding": "base64", "pattern": _BASE64},
    }
    return {
        "type": "object",
        "title": title,
        "required": required if is_optional else [*required, "datacontenttype"],
        "properties": {
            **_ATTRIBUTES,
            "type": {"const": kind},
            "datacontenttype": {"enum": [*media_types, None] if is_optional else media_types},
        },
        "oneOf": [
            {"required": ["data"], "properties": as_it_is},
            {"required": ["data_base64"], "properties": encoded},
        ],
    }


_EVENT: _Schema = {
    "title": "CloudEvent",
    "description": "CloudEvents 1.0. The data is what a file of the source holds: "
    + ", ".join(pushed.data for pushed in PUSHED.values())
    + ".",
    "oneOf": list(_events()),
}
_KINDS = sorted(SOURCE_OF_TYPE.items())
_BINARY = (
    "In binary mode the body is the data, Content-Type its media type, and the attributes are the "
    "headers ce-specversion, ce-id, ce-source, ce-type and ce-time. "
)

EVENTS_BODY: _Schema = {
    "required": True,
    "description": f"One event, or up to {MOST_EVENTS}. {_BINARY}Taken are: "
    + "; ".join(f"{kind}: {', '.join(sorted(PUSHED[of].media_types))}" for kind, of in _KINDS),
    "content": {
        STRUCTURED: {"schema": _EVENT},
        BATCHED: {"schema": {"type": "array", "items": _EVENT}},
    },
}


_Document = dict[str, Any]
SCHEME = "partner"
_METHODS = ("get", "post", "put", "patch", "delete")
_FAULT = ProblemFault.model_json_schema()
_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def openapi_document(applications: Sequence[FastAPI], *, schemas: Mapping[str, Any]) -> _Document:
    """One document for all of them, with `schemas` that are referred to besides.

    Raises ValueError when two describe one name differently.
    """
    paths: _Document = {}
    named: _Document = dict(schemas) | {"Problem": _problem_schema(), "ProblemFault": _FAULT}
    for app in applications:
        described = app.openapi()
        if _is_guarded(app):
            _complete(app, described)
        _merge(paths, described.get("paths", {}))
        _merge(named, described.get("components", {}).get("schemas", {}))
    for operation in (one for each in paths.values() for one in each.values()):
        # Public is said, not left out: clients and linters take what is left out for a mistake.
        operation.setdefault("security", [])
        with_examples(operation)
    for unused in ("HTTPValidationError", "ValidationError"):
        named.pop(unused, None)
    return {
        "openapi": "3.1.0",
        "info": _INFO,
        "servers": [{"url": "http://127.0.0.1:8000", "description": "As it is started."}],
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(named.items())), "securitySchemes": _SCHEMES},
    }


_INFO = {
    "title": "Tell Once for other systems",
    "version": "1",
    "description": "Partner systems send what they record, read what became of it, and ask whether "
    "somebody may see something. What may not be shared is not kept: its sender is asked again "
    "once that has changed.",
}
_SCHEMES = {
    SCHEME: {
        "type": "oauth2",
        "description": "Client credentials: private_key_jwt (RFC 7523), or a client secret.",
        "flows": {
            "clientCredentials": {
                "tokenUrl": TOKEN_PATH,
                "scopes": {scope.value: scope.label for scope in Scope},
            }
        },
    }
}


def _problem_schema() -> _Document:
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schema.pop("$defs")
    return schema


def _is_guarded(app: FastAPI) -> bool:
    """Whether partners come in by a scope; what is described elsewhere stays as it is."""
    calls = (call for context in iter_route_contexts(app.routes) for call in _calls_of(context))
    return any(isinstance(call, ScopeGuard) for call in calls)


def _complete(app: FastAPI, described: _Document) -> None:
    for context in iter_route_contexts(app.routes):
        operations = described.get("paths", {}).get(context.path, {})
        for method in _METHODS:
            operation = operations.get(method)
            if operation is not None and method.upper() in (context.methods or ()):
                _complete_operation(operation, context)


def _complete_operation(operation: _Document, context: RouteContext) -> None:
    calls = list(_calls_of(context))
    guard = next((call for call in calls if isinstance(call, ScopeGuard)), None)
    if guard is not None:
        operation["security"] = [{SCHEME: [scope]} for scope in sorted(guard.any_of)]
    for parameter in operation.get("parameters", []):
        parameter["schema"] = _without_null(parameter["schema"])
    answers = operation["responses"]
    asks = bool(operation.get("parameters") or operation.get("requestBody"))
    answers.pop("422", None)
    has_body = any(isinstance(call, BodyUpTo) for call in calls)
    for kind in _kinds(guarded=guard is not None, asks=asks, has_body=has_body):
        if str(kind.status) in answers:
            continue
        answers[str(kind.status)] = _answer(kind)


def _without_null(schema: _Document) -> _Document:
    """A parameter that may be left out is left out; there is no way to write null in a query."""
    choices = [one for one in schema.get("anyOf", []) if one != {"type": "null"}]
    if len(choices) != 1:
        return schema
    besides = {name: value for name, value in schema.items() if name != "anyOf"}
    return {**choices[0], **besides}


def _kinds(*, guarded: bool, asks: bool, has_body: bool) -> Iterator[ProblemKind]:
    """What a route may answer besides what it is for."""
    statuses = {UNEXPECTED.status, UNAVAILABLE.status}
    if guarded:
        statuses |= {401, 403, 429}
    if asks and guarded:
        statuses.add(FAULTY.status)
    if has_body:
        statuses |= {400, 408, 413, 415}
    else:
        yield NOT_TEXT
    known = [*KINDS.values(), UNEXPECTED]
    for status in sorted(statuses):
        yield next(kind for kind in known if kind.status == status)


def _answer(kind: ProblemKind) -> _Document:
    answer: _Document = {
        "description": kind.title,
        "content": {PROBLEM: {"schema": _PROBLEM}},
    }
    if kind.status in {429, UNAVAILABLE.status}:
        answer["headers"] = {"Retry-After": {"schema": {"type": "integer", "minimum": 1}}}
    return answer


def _calls_of(context: RouteContext) -> Iterator[object]:
    """Everything that a route depends on, however deep."""
    waiting = [getattr(context, "dependant", None)]
    while waiting:
        dependant = waiting.pop()
        if isinstance(dependant, Dependant):
            yield dependant.call
            waiting += dependant.dependencies


def _merge(into: _Document, found: Mapping[str, Any]) -> None:
    for name, value in found.items():
        if into.setdefault(name, value) != value:
            raise ValueError(f"{name} is described in two ways")
