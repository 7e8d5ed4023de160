"""Reads children's social care payloads: files and pushed bodies, one message a child."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, BinaryIO, Final

from connectors import limits
from connectors.ports import Received, Unreadable
from connectors.social_care.fields import la_code_of
from connectors.social_care.mapper import source_message_from_child
from connectors.social_care.strict_json import Json, RepeatedKeys, read_json, refuse_unsound
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage, Version

_BODY: Final = "body"
_CHILDREN: Final = "Children"
_DIGEST_CHARACTERS: Final = 24


@dataclass(frozen=True, slots=True, repr=False)
class _Payload:
    """One child as found, with the authority it came under; either may be of any type."""

    la_code: Any
    child: Any


def read_csc(stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
    """The children of a payload, of an array of payloads, or of an array of children.

    A payload carries no date, so `received_at` (aware) is what orders one child's payloads.
    Raises ValueError when it is not aware.
    """
    if received_at.tzinfo is None:
        raise ValueError("received_at: give an aware time")
    moment = received_at.astimezone(UTC).replace(tzinfo=None)
    version = Version(moment.isoformat(timespec="microseconds") + "Z")
    data = stream.read(limits.CSC_BODY_BYTES + 1)
    try:
        payloads = list(_payloads(_document(data)))
    except UnreadableMessageError as error:
        yield Received(0, Unreadable(error.field, error.reason), raw=lambda: data)
        return
    for index, payload in enumerate(payloads):
        yield _received(index, payload, version, body=data)


def _document(data: bytes) -> Any:
    if len(data) > limits.CSC_BODY_BYTES:
        raise UnreadableMessageError(field=_BODY, reason="too-large")
    return read_json(data, field=_BODY)


def _payloads(document: Any) -> Iterator[_Payload]:
    for payload in document if isinstance(document, list) else [document]:
        if not isinstance(payload, dict) or isinstance(payload, RepeatedKeys):
            yield _Payload(None, payload)
        elif _CHILDREN not in payload:
            yield _Payload(payload.get("la_code"), payload)
        elif isinstance(payload[_CHILDREN], list):
            yield from (_Payload(payload.get("la_code"), one) for one in payload[_CHILDREN])
        else:
            yield _Payload(payload.get("la_code"), payload[_CHILDREN])


def _received(index: int, payload: _Payload, version: Version, *, body: bytes) -> Received:
    try:
        written = json.dumps({"la_code": payload.la_code, _CHILDREN: [payload.child]}).encode()
    except RecursionError:
        return Received(index, Unreadable(_CHILDREN, "too-deep"), raw=lambda: body)
    return Received(index, _outcome(payload, len(written), version), raw=lambda: written)


def _outcome(payload: _Payload, size: int, version: Version) -> SourceMessage | Unreadable:
    message_id = None
    try:
        child = _sound_child(payload, size)
        la_code = la_code_of(payload.la_code)
        message_id = _message_id(child, la_code, version)
        return source_message_from_child(
            child, la_code=la_code, message_id=message_id, version=version
        )
    except UnreadableMessageError as error:
        return Unreadable(error.field, error.reason, message_id)


def _sound_child(payload: _Payload, size: int) -> Json:
    if size > limits.CSC_CHILD_BYTES:
        raise UnreadableMessageError(field=_CHILDREN, reason="too-large")
    refuse_unsound(payload.child, field=_CHILDREN)
    if not isinstance(payload.child, dict):
        raise UnreadableMessageError(field=_CHILDREN, reason="not-an-object")
    return payload.child


def _message_id(child: Json, la_code: str, version: Version) -> str:
    """The same for the same child's payload on one day.

    The day belongs to it because an authority may go back to what it said before: yesterday's
    payload sent again after another is news, not a redelivery.
    """
    canonical = json.dumps(child, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    digest = sha256(f"{la_code}\n{canonical}".encode()).hexdigest()[:_DIGEST_CHARACTERS]
    return f"csc/{la_code}/{version.at[:10]}/{digest}"
