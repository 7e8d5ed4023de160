"""What decides whether a resource is valid FHIR, and nothing else of it: its shape.

FHIR's rules look at which elements there are and at the form of each value. Two resources with
the same elements, the same codes and values of the same forms are valid or invalid together, so
only the first of them has to be checked by the models. A value that is not of one of the plain
forms below stands in the shape as it is.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from hashlib import blake2b
from typing import Any

import orjson

_TEXT = re.compile(r"[!-~]+(?: [!-~]+)*")
_OPAQUE = re.compile(r"(?:Patient/)?[0-9a-f]{32}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ZONE = r"(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_MOMENT = re.compile(rf"\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{{1,6}})?{_ZONE}")
_TEXTS = frozenset(
    {"family", "given", "text", "line", "postalCode", "value", "display", "name", "title"}
    | {"valueString", "contentString"}
)
_TIMES = frozenset({"birthDate", "start", "end", "deceasedDateTime", "sent", "valueDate"})
_IDS = frozenset({"id", "reference"})


def shape_digest(resource: Mapping[str, Any]) -> bytes:
    """16 bytes, the same for all resources of one shape. Raises TypeError on what JSON has not."""
    return blake2b(orjson.dumps(_shape_of(resource)), digest_size=16).digest()


def _shape_of(resource: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _shape_of_value(name, value) for name, value in resource.items()}


def _shape_of_value(name: str, value: Any) -> Any:
    if type(value) is str:
        return _form_of(name, value)
    if type(value) is dict:
        return _shape_of(value)
    if type(value) is list:
        return [_shape_of_value(name, item) for item in value]
    return value


def _form_of(name: str, value: str) -> str:
    """The form of a value, or the value itself behind a sign that no form begins with."""
    if name in _TEXTS and _TEXT.fullmatch(value):
        return "text"
    if name in _IDS and _OPAQUE.fullmatch(value):
        return f"id{len(value)}"
    if name in _TIMES:
        return _form_of_time(value) or f"={value}"
    return f"={value}"


def _form_of_time(value: str) -> str | None:
    """Only days and moments that are on the calendar have a form."""
    try:
        if _DAY.fullmatch(value):
            date.fromisoformat(value)
            return "day"
        if _MOMENT.fullmatch(value):
            datetime.fromisoformat(value)
            return "moment"
    except ValueError:
        return None
    return None
