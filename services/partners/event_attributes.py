"""The attributes of a CloudEvent (CloudEvents 1.0.2 sections 3.1 and 3.2): what has to hold."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from services.partners.event_formats import MEDIA_TYPES, SOURCE_OF_TYPE

LONGEST = 1024
_PREFIX = "ce-"
TIME = (
    r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]{1,9})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
"""RFC 3339 section 5.6; that it is on the calendar is seen when it is read."""
_TIME = re.compile(TIME)
_FRACTION = re.compile(r"(\.\d{6})\d+")


def attributes_in_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The attributes in binary mode: percent-encoded values of `ce-` headers (section 3.1.3)."""
    return {
        name.lower().removeprefix(_PREFIX): unquote(value)
        for name, value in headers.items()
        if name.lower().startswith(_PREFIX)
    }


def faults_of(attributes: Mapping[str, Any], media_type: str) -> Iterator[tuple[str, str]]:
    """What is wrong: the attribute, and why as a code. Never what it is."""
    if attributes.get("specversion") != "1.0":
        yield "specversion", "is-not-1.0"
    for name in ("id", "source", "type"):
        value = attributes.get(name)
        if not isinstance(value, str) or not value:
            yield name, "missing"
        elif len(value) > LONGEST:
            yield name, "too-long"
        elif not _is_text(value):
            yield name, "is-not-text"
    yield from _faults_of_format(attributes.get("type"), media_type)
    if attributes.get("time") is not None and time_of(attributes["time"]) is None:
        yield "time", "is-not-a-time"


def time_of(value: object) -> datetime | None:
    """The moment that a `time` says; None for anything that is no RFC 3339 time."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(_FRACTION.sub(r"\1", value.upper()))
    except ValueError:
        return None


def _faults_of_format(kind: object, media_type: str) -> Iterator[tuple[str, str]]:
    source = SOURCE_OF_TYPE.get(kind) if isinstance(kind, str) else None
    if source is None:
        if isinstance(kind, str) and 0 < len(kind) <= LONGEST:
            yield "type", "is-not-known"
    elif media_type not in MEDIA_TYPES[source]:
        yield "datacontenttype", "is-not-taken-for-this-type"


def _is_text(value: str) -> bool:
    """Half a surrogate pair can be written in JSON and in nothing else."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
