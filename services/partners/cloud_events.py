"""CloudEvents 1.0 over HTTP: structured, batched and binary mode (HTTP Protocol Binding 1.0.2)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from schemas.vocabulary import Source
from services.partners.errors import (
    BodyTooLargeError,
    ContentNotTakenError,
    Fault,
    RequestFaultyError,
)
from services.partners.event_attributes import attributes_in_headers, faults_of, time_of
from services.partners.event_data import EventDataError, data_of
from services.partners.event_formats import SOURCE_OF_TYPE
from services.partners.event_json import DoubledNames, read_json_body

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

    Raises ContentNotTakenError, BodyUnreadableError, BodyTooLargeError, or RequestFaultyError that
    names the event by its place and the attribute. One wrong event refuses the whole request:
    nothing of it is done.
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
