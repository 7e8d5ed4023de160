"""What a push looks like, as the published OpenAPI document tells it."""

from collections.abc import Iterator
from typing import Any

from services.partners.cloud_events import BATCHED, MOST_EVENTS, STRUCTURED
from services.partners.event_attributes import LONGEST, TIME
from services.partners.event_formats import JSON, MEDIA_TYPES, SOURCE_OF_TYPE, is_json

_Schema = dict[str, Any]
_NAME: _Schema = {"type": "string", "minLength": 1, "maxLength": LONGEST}
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
        as_json = sorted(filter(is_json, MEDIA_TYPES[source]))
        as_text = sorted(MEDIA_TYPES[source] - set(as_json))
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
    "description": "CloudEvents 1.0. The data is what a file of the source holds: NEMS messages "
    "for health visiting, transfer files or class lists for schools, CSC payloads or a census for "
    "social care.",
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
    + "; ".join(f"{kind}: {', '.join(sorted(MEDIA_TYPES[of]))}" for kind, of in _KINDS),
    "content": {
        STRUCTURED: {"schema": _EVENT},
        BATCHED: {"schema": {"type": "array", "items": _EVENT}},
    },
}
