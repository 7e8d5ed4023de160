"""A bundle is validated once, where it is made or comes in from outside."""

import re
from collections.abc import Callable, Mapping
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


def shape_digest(resource: Mapping[str, Any]) -> bytes:
    """16 bytes, the same for all resources of one shape. Raises TypeError on what JSON has not."""
    return blake2b(orjson.dumps(_shape_of(resource)), digest_size=16).digest()


def _shape_of(element: Mapping[str, Any]) -> dict[str, Any]:
    shape = dict(element)
    for name, value in element.items():
        if type(value) is str:
            if name in _FORMS:
                shape[name] = _FORMS[name](value)
        elif type(value) is dict:
            shape[name] = _shape_of(value)
        elif type(value) is list:
            shape[name] = _shape_of_list(name, value)
    return shape


def _shape_of_list(name: str, values: list[Any]) -> list[Any]:
    form = _FORMS.get(name, str)
    return [
        _shape_of(value) if type(value) is dict else form(value) if type(value) is str else value
        for value in values
    ]


# The form of a value, or the value itself behind a sign that no form begins with.


def _form_of_text(value: str) -> str:
    return "text" if _TEXT.fullmatch(value) else f"={value}"


def _form_of_id(value: str) -> str:
    return f"id{len(value)}" if _OPAQUE.fullmatch(value) else f"={value}"


def _form_of_time(value: str) -> str:
    """Only days and moments that are on the calendar have a form."""
    try:
        if _DAY.fullmatch(value):
            date.fromisoformat(value)
            return "day"
        if _MOMENT.fullmatch(value):
            datetime.fromisoformat(value)
            return "moment"
    except ValueError:
        pass
    return f"={value}"


_TEXTS = (
    "family given text line postalCode value display name title description valueString "
    "contentString"
)
_TIMES = (
    "birthDate start end deceasedDateTime sent valueDate startDate statusDate authoredOn "
    "lastModified"
)
_FORMS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(_TEXTS.split(), _form_of_text),
    **dict.fromkeys(_TIMES.split(), _form_of_time),
    **dict.fromkeys(("id", "reference"), _form_of_id),
}
"""By what an element is called; the values of all others stand in the shape as they are."""

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
