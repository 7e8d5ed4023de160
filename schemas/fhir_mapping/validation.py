"""A bundle is validated once, where it is made or comes in from outside."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from hashlib import blake2b
from typing import Any, Final

import orjson
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from schemas.errors import UnreadableMessageError
from schemas.fhir_mapping.elements import Resource

# A resource's shape: what decides whether it is valid FHIR, and nothing else of it.
#
# FHIR's rules look at which elements there are and at the form of each value. Two resources with
# the same elements, the same codes and values of the same forms are valid or invalid together, so
# only the first of them has to be checked by the models. A value that is not of one of the plain
# forms below stands in the shape as it is.

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


_REMEMBERED = 20_000
_CHECKED_APART = frozenset({"lastUpdated", "versionId"})
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_VERSION = re.compile(r"[A-Za-z0-9.-]{1,64}")
# FHIR's patterns are XML Schema's, where these are no white space; Python's are wider.
_NOT_SPACES_IN_FHIR = {point: "_" for point in range(0x80, 0x3001) if re.match(r"\s", chr(point))}
_valid: set[bytes] = set()
"""Digests of shapes found valid: nothing of any content stays in memory."""


def validated_bundle(bundle: Resource) -> Resource:
    """The same bundle, once every resource in it is known to be valid FHIR R4.

    Each resource is checked by the model of its own type: through the model of Bundle it costs
    two and a half times as much and finds the same, because the entries' shape is our own (a
    test holds it against that model). A resource of a shape that was found valid before is valid.
    Raises UnreadableMessageError with the path of the first element that is not valid, never
    a value.
    """
    for index, entry in enumerate(bundle["entry"]):
        resource = entry["resource"]
        fault = _fault_in_version(resource["meta"]) or _fault(_unversioned(resource))
        if fault is not None:
            path, reason = fault
            field = f"Bundle.entry[{index}].{resource['resourceType']}.{path}"
            raise UnreadableMessageError(field=field, reason=reason)
    return bundle


def _unversioned(resource: Resource) -> Resource:
    meta = {name: v for name, v in resource["meta"].items() if name not in _CHECKED_APART}
    return resource | {"meta": meta}


def _fault_in_version(meta: Resource) -> tuple[str, str] | None:
    if not _INSTANT.fullmatch(meta["lastUpdated"]):
        return "meta.lastUpdated", "not-an-instant"
    if not _VERSION.fullmatch(meta["versionId"]):
        return "meta.versionId", "not-an-id"
    return None


_PATTERN: Final = "string_pattern_mismatch"


def _fault(resource: Resource) -> tuple[str, str] | None:
    """Path and reason of the first element that is not valid; None when all are."""
    try:
        digest = shape_digest(resource)
    except TypeError:
        return "text", "not-unicode"
    if digest in _valid:
        return None
    written = orjson.dumps(resource)
    fault = _fault_by_model(resource)
    if fault is not None and fault[1] == _PATTERN:
        fault = _fault_by_model(orjson.loads(written.decode().translate(_NOT_SPACES_IN_FHIR)))
    if fault is not None:
        path, reason = fault
        return path, "not-text" if reason == _PATTERN else reason
    if len(_valid) >= _REMEMBERED:
        _valid.clear()
    _valid.add(digest)
    return None


def _fault_by_model(resource: Resource) -> tuple[str, str] | None:
    try:
        _model(resource["resourceType"]).model_validate(resource)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        return ".".join(str(part) for part in first["loc"]), _code_of(first["type"])
    return None


def _code_of(kind: str) -> str:
    """The model's own names of faults are not ours, and there are ever more of them."""
    if kind == _PATTERN:
        return kind
    return "too-long" if kind.endswith("too_long") else "not-fhir"


@cache
def _model(resource_type: str) -> Any:
    return get_fhir_model_class(resource_type)
