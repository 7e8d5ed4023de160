"""A bundle is validated once, where it is made or comes in from outside."""

import re
from functools import cache
from typing import Any, Final

import orjson
from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from schemas.errors import UnreadableMessageError
from schemas.fhir_mapping.elements import Resource
from schemas.fhir_mapping.shapes import are_as_we_publish

_CHECKED_APART = frozenset({"lastUpdated", "versionId"})
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_VERSION = re.compile(r"[A-Za-z0-9.-]{1,64}")
# FHIR's patterns are XML Schema's, where these are no white space; Python's are wider.
_NOT_SPACES_IN_FHIR = {point: "_" for point in range(0x80, 0x3001) if re.match(r"\s", chr(point))}


def validated_bundle(bundle: Resource) -> Resource:
    """The same bundle, once every resource in it is known to be valid FHIR R4.

    What fits the types of what we publish is. Each resource of another bundle is checked by the
    model of its own type: through the model of Bundle it costs two and a half times as much and
    finds the same, because the entries' shape is our own (a test holds it against that model).
    Raises UnreadableMessageError with the path of the first element that is not valid, never
    a value.
    """
    if are_as_we_publish([entry["resource"] for entry in bundle["entry"]]):
        return bundle
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
        written = orjson.dumps(resource)
    except TypeError:
        return "text", "not-unicode"
    fault = _fault_by_model(resource)
    if fault is not None and fault[1] == _PATTERN:
        fault = _fault_by_model(orjson.loads(written.decode().translate(_NOT_SPACES_IN_FHIR)))
    if fault is not None:
        path, reason = fault
        return path, "not-text" if reason == _PATTERN else reason
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
