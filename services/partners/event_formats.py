"""What partners may push: the types of events, and which connector reads their data."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from io import BytesIO

from connectors.health_visiting.reader import read_nems
from connectors.ports import Received
from connectors.schools.files import read_schools
from connectors.social_care.files import read_social_care
from schemas.vocabulary import Source

ReadData = Callable[[bytes, datetime], Iterator[Received]]
"""Reads an event's data; the time orders messages that have none of their own."""

JSON = "application/json"
_XML = ("application/xml", "text/xml")


def _health_visiting(data: bytes, at: datetime) -> Iterator[Received]:
    del at  # every message says itself when it was last updated
    return read_nems(BytesIO(data))


def _schools(data: bytes, at: datetime) -> Iterator[Received]:
    return read_schools(BytesIO(data), received_at=at)


def _social_care(data: bytes, at: datetime) -> Iterator[Received]:
    return read_social_care(BytesIO(data), received_at=at)


READERS: Mapping[Source, ReadData] = {
    Source.HEALTH_VISITING: _health_visiting,
    Source.SCHOOLS: _schools,
    Source.SOCIAL_CARE: _social_care,
}
MEDIA_TYPES: Mapping[Source, frozenset[str]] = {
    Source.HEALTH_VISITING: frozenset(
        {"application/fhir+xml", "application/fhir+json", JSON, *_XML}
    ),
    Source.SCHOOLS: frozenset({"text/csv", *_XML}),
    Source.SOCIAL_CARE: frozenset({JSON, *_XML}),
}
"""For each source the media types of its data: what its files would hold."""

SOURCE_OF_TYPE: Mapping[str, Source] = {f"tellonce.{source}.sent.v1": source for source in READERS}
"""The `type` of an event says whose it is."""


def is_json(media_type: str) -> bool:
    """Whether data of this media type stands in an event as JSON (RFC 6839 section 3.1)."""
    return media_type == JSON or media_type.endswith("+json")
