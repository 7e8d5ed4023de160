"""The data of a CloudEvent in JSON (CloudEvents JSON Event Format 1.0.2 section 3.1)."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from services.partners.event_formats import JSON, is_json


class EventDataError(Exception):
    """The data cannot be told; `member` is the member of the event that says so, and why."""

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(f"{member}: {reason}")
        self.member = member
        self.reason = reason


def data_of(event: Mapping[str, Any]) -> tuple[str, bytes]:
    """Media type and bytes of an event's data. Raises EventDataError.

    Data that is no JSON stands in `data` as a string or in `data_base64`; JSON as it is. Without
    `datacontenttype` it is JSON.
    """
    media_type = _media_type(event.get("datacontenttype"))
    has_text, has_bytes = event.get("data") is not None, event.get("data_base64") is not None
    if has_text == has_bytes:
        raise EventDataError("data", "comes-twice" if has_text else "missing")
    if has_bytes:
        return media_type, _decoded(event["data_base64"])
    if is_json(media_type):
        return media_type, _written(event["data"])
    if not isinstance(event["data"], str):
        raise EventDataError("data", "is-not-a-string")
    return media_type, _encoded(event["data"])


def _media_type(value: Any) -> str:
    if value is None:
        return JSON
    if not isinstance(value, str):
        raise EventDataError("datacontenttype", "is-not-a-string")
    return value.partition(";")[0].strip().lower()


def _decoded(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, TypeError):
        raise EventDataError("data_base64", "is-not-base64") from None


def _written(value: Any) -> bytes:
    """The JSON as it came, doubled names included, so that its reader finds them too."""
    try:
        return json.dumps(value).encode()
    except RecursionError:
        raise EventDataError("data", "too-deep") from None


def _encoded(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise EventDataError("data", "is-not-text") from None
