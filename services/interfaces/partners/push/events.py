"""CloudEvents 1.0 over HTTP, and which connector reads their data.

Structured, batched and binary mode (HTTP Protocol Binding 1.0.2).
"""

import base64
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote

from connectors.parsing.plain_text import can_be_encoded, place_of_no_text
from connectors.registry import ROWS, Pushed, row_of
from schemas.vocabulary import Source
from services.interfaces.partners.errors import (
    BodyTooLargeError,
    BodyUnreadableError,
    ContentNotTakenError,
    Fault,
    RequestFaultyError,
)
from services.platform.errors import NotTextError

# JSON bodies: an envelope that is ambiguous is refused, data is left to its reader.

_BOM = b"\xef\xbb\xbf"


class DoubledNames(dict[str, Any]):
    """An object that holds a name twice: written again it holds it twice again."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self._pairs = pairs

    def items(self) -> Any:
        """Every pair, also those whose name comes again."""
        return self._pairs


def read_json_body(body: bytes) -> Any:
    """The document in a body (RFC 8259). Raises BodyUnreadableError.

    Objects with a name twice are DoubledNames, for whoever reads them to refuse.
    """
    try:
        text = body.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError:
        raise BodyUnreadableError("body: not-utf-8") from None
    try:
        return json.loads(text, object_pairs_hook=_object_of)
    except RecursionError:
        raise BodyUnreadableError("body: too-deep") from None
    except ValueError:
        raise BodyUnreadableError("body: not-json") from None


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    return names if len(names) == len(pairs) else DoubledNames(pairs)


# What partners may push: the types of events, and what data they have.

JSON = "application/json"

PUSHED: Mapping[Source, Pushed] = {row.source: row.pushed for row in ROWS if row.pushed is not None}
"""For each source that is pushed its media types, and what its data is: what files would hold."""

SOURCE_OF_TYPE: Mapping[str, Source] = {row_of(source).event_type: source for source in PUSHED}
"""The `type` of an event says whose it is."""


def is_json(media_type: str) -> bool:
    """Whether data of this media type stands in an event as JSON (RFC 6839 section 3.1)."""
    return media_type == JSON or media_type.endswith("+json")


# The attributes of an event (CloudEvents 1.0.2 sections 3.1 and 3.2): what has to hold.

LONGEST = 1024
_PREFIX = "ce-"
_KEPT = ("id", "source", "type")
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
    elif media_type not in PUSHED[source].media_types:
        yield "datacontenttype", "is-not-taken-for-this-type"


# The data of an event in JSON (CloudEvents JSON Event Format 1.0.2 section 3.1).


class EventDataError(Exception):
    """The data cannot be told; `member` is the member of the event that says so, and why."""

    def __init__(self, member: str, reason: str) -> None:
        super().__init__(f"{member}: {reason}")
        self.member = member
        self.reason = reason


def data_of(event: Mapping[str, Any]) -> tuple[str, bytes]:
    """Media type and bytes of an event's data. Raises EventDataError, or UnicodeEncodeError.

    Data that is no JSON stands in `data` as a string or in `data_base64`; JSON as it is. Without
    `datacontenttype` it is JSON.
    """
    media_type = _media_type_of_data(event.get("datacontenttype"))
    has_text, has_bytes = event.get("data") is not None, event.get("data_base64") is not None
    if has_text == has_bytes:
        raise EventDataError("data", "comes-twice" if has_text else "missing")
    if has_bytes:
        return media_type, _decoded(event["data_base64"])
    if is_json(media_type):
        return media_type, _written(event["data"])
    if not isinstance(event["data"], str):
        raise EventDataError("data", "is-not-a-string")
    return media_type, event["data"].encode()


def _media_type_of_data(value: Any) -> str:
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


STRUCTURED = "application/cloudevents+json"
BATCHED = "application/cloudevents-batch+json"
MOST_EVENTS = 500


@dataclass(frozen=True, slots=True, repr=False)
class PushedEvent:
    """One event as its partner sent it. `id` and `origin` together are one event (section 3.1)."""

    id: str
    origin: str
    source: Source
    media_type: str
    data: bytes
    time: datetime | None


def read_events(headers: Mapping[str, str], body: bytes) -> Sequence[PushedEvent]:
    """The events of a request, in order.

    Raises ContentNotTakenError, BodyUnreadableError, BodyTooLargeError, NotTextError, or
    RequestFaultyError that names the event by its place and the attribute. One wrong event
    refuses the whole request: nothing of it is done.
    """
    media_type = _media_type(headers)
    if media_type == STRUCTURED:
        return [_event(_object(read_json_body(body), "event"), "event")]
    if media_type == BATCHED:
        return list(_batch(read_json_body(body)))
    return [_binary(headers, media_type, body)]


def _media_type(headers: Mapping[str, str]) -> str:
    media_type, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"')
    if charset not in {"", "utf-8", "us-ascii"} and "charset" in parameters.lower():
        raise ContentNotTakenError("send UTF-8")
    return media_type.strip().lower()


def _batch(document: Any) -> Iterator[PushedEvent]:
    if not isinstance(document, list):
        raise RequestFaultyError([Fault("events", "is-not-an-array")])
    if len(document) > MOST_EVENTS:
        raise BodyTooLargeError(f"at most {MOST_EVENTS} events are taken in one request")
    for number, one in enumerate(document):
        place = f"events[{number}]"
        yield _event(_object(one, place), place)


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if isinstance(value, DoubledNames):
        raise RequestFaultyError([Fault(place, "duplicate-key")])
    if not isinstance(value, dict):
        raise RequestFaultyError([Fault(place, "is-not-an-object")])
    return value


def _event(attributes: Mapping[str, Any], place: str) -> PushedEvent:
    try:
        media_type, data = data_of(attributes)
    except UnicodeEncodeError:
        raise NotTextError(f"{place}.data") from None
    except EventDataError as error:
        raise RequestFaultyError([Fault(f"{place}.{error.member}", error.reason)]) from None
    return _checked(attributes, media_type, data, place)


def _binary(headers: Mapping[str, str], media_type: str, body: bytes) -> PushedEvent:
    attributes = attributes_in_headers(headers)
    if not attributes:
        raise ContentNotTakenError(f"send {STRUCTURED}, {BATCHED}, or data with ce- headers")
    return _checked(attributes, media_type, body, "headers")


def _checked(
    attributes: Mapping[str, Any], media_type: str, data: bytes, place: str
) -> PushedEvent:
    # The data is for its reader, who tells one child's mistake from the others.
    told = {name: value for name, value in attributes.items() if name != "data"}
    kept = {name: attributes.get(name) for name in _KEPT}
    wrong = place_of_no_text(told, place, passes=can_be_encoded) or place_of_no_text(kept, place)
    if wrong is not None:
        raise NotTextError(wrong)
    faults = [Fault(f"{place}.{n}", why) for n, why in faults_of(attributes, media_type)]
    if faults:
        raise RequestFaultyError(faults)
    return PushedEvent(
        id=attributes["id"],
        origin=attributes["source"],
        source=SOURCE_OF_TYPE[attributes["type"]],
        media_type=media_type,
        data=data,
        time=time_of(attributes.get("time")),
    )
