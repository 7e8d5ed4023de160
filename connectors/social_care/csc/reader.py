"""Reads children's social care payloads: files and pushed bodies, one message a child."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Any, BinaryIO, Final

from connectors.parsing import limits
from connectors.parsing.strict_json import (
    Document,
    Json,
    RepeatedKeys,
    canonical_json,
    read_json,
    refuse_unsound,
)
from connectors.ports import AboutWhom, Received, Unreadable
from connectors.social_care.csc.fields import la_code_of
from connectors.social_care.csc.mapper import (
    about_of_child,
    scopes_of_child,
    source_message_from_child,
)
from schemas.errors import UnreadableMessageError
from schemas.records.message import SourceMessage, Undated, Version

BODY: Final = "body"
_CHILDREN: Final = "Children"
_AFTER: Final = "after"
"""A name of ours in a child written by itself: how many of the same child came before it."""
_MOST_AFTER: Final = 1_000_000
_DIGEST_CHARACTERS: Final = 24
_TOO_DEEP: Final = 100_000


@dataclass(frozen=True, slots=True, repr=False)
class _Payload:
    """One child as found, with the authority that it names; either may be of any type.

    `sender` is the authority that it is known to come from; `after` how many of the same child
    came before it in the body.
    """

    la_code: Any
    child: Any
    sender: str | None = None
    after: int = 0


def read_csc(
    stream: BinaryIO, *, received_at: datetime, la_code: str | None = None
) -> Iterator[Received]:
    """The children of a payload, of an array of payloads, or of an array of children.

    A payload carries no date, so `received_at` (aware) is what orders one child's payloads; of
    several in one body the later one counts. `la_code` is the authority that they come from, where
    that is known: it need not stand in them, and none may name another. Raises ValueError when
    the time is not aware.
    """
    if received_at.tzinfo is None:
        raise ValueError("received_at: give an aware time")
    moment = received_at.astimezone(UTC).replace(tzinfo=None)
    at = moment.isoformat(timespec="microseconds") + "Z"
    data = stream.read(limits.CSC_BODY_BYTES + 1)
    try:
        document = _document(data)
        payloads = _bounded(_payloads(document.value))
    except UnreadableMessageError as error:
        yield Received(0, Unreadable(error.field, error.reason), raw=lambda: data)
        return
    times: Counter[str] = Counter()
    for index, found in enumerate(payloads):
        number = str(found.child.get("la_child_id")) if isinstance(found.child, dict) else ""
        payload = replace(found, sender=la_code, after=found.after + times[number])
        times[number] += 1
        yield _received(index, payload, Version(at, payload.after), is_sound=document.is_sound)


def _document(data: bytes) -> Document:
    if len(data) > limits.CSC_BODY_BYTES:
        raise UnreadableMessageError(field=BODY, reason="too-large")
    return read_json(data, field=BODY)


def _bounded(payloads: Iterator[_Payload]) -> list[_Payload]:
    found = list(islice(payloads, limits.CSC_CHILDREN + 1))
    if len(found) > limits.CSC_CHILDREN:
        raise UnreadableMessageError(field=_CHILDREN, reason="too-many-elements")
    return found


def _payloads(document: Any) -> Iterator[_Payload]:
    for payload in document if isinstance(document, list) else [document]:
        if not isinstance(payload, dict) or isinstance(payload, RepeatedKeys):
            yield _Payload(None, payload)
        elif _CHILDREN not in payload:
            yield _Payload(payload.get("la_code"), payload)
        else:
            children, after = payload[_CHILDREN], payload.get(_AFTER)
            known = after if type(after) is int and 0 <= after <= _MOST_AFTER else 0
            for child in children if isinstance(children, list) else [children]:
                yield _Payload(payload.get("la_code"), child, after=known)


def _received(index: int, payload: _Payload, version: Version, *, is_sound: bool) -> Received:
    outcome = _outcome(payload, version, is_sound=is_sound)
    return Received(index, outcome, raw=partial(_written, payload))


def _written(payload: _Payload) -> bytes:
    """The child as a payload of its own. What lies too deep to be written is too deep to read."""
    try:
        la_code = payload.sender if payload.la_code is None else payload.la_code
        alone = {"la_code": la_code, _CHILDREN: [payload.child], _AFTER: payload.after}
        return json.dumps(alone).encode()
    except RecursionError:
        return b"[" * _TOO_DEEP


def _outcome(payload: _Payload, version: Version, *, is_sound: bool) -> SourceMessage | Unreadable:
    message_id: str | None = None
    scopes: tuple[str, ...] = ()
    try:
        child, canonical = _sound_child(payload, is_sound=is_sound)
        la_code = _authority_of(payload)
        digest = _digest(canonical, la_code)
        scopes = scopes_of_child(child, la_code)
        undated = Undated("".join(scopes), f"csc/{la_code}", digest)
        message_id = undated.id_at(version)
        message = source_message_from_child(
            child, la_code=la_code, message_id=message_id, version=version
        )
        return replace(message, undated=undated)
    except UnreadableMessageError as error:
        about = _about(payload, version)
        return Unreadable(
            error.field,
            error.reason,
            message_id,
            scopes,
            version,
            about,
            statement_of=scopes[0] if scopes else None,
        )


def _about(payload: _Payload, version: Version) -> AboutWhom | None:
    """Whom it names; nobody where it names its own authority wrongly, or anything twice."""
    child = payload.child
    if not isinstance(child, dict) or isinstance(child, RepeatedKeys):
        return None
    try:
        return about_of_child(child, _authority_of(payload), version)
    except UnreadableMessageError:
        return None


def _authority_of(payload: _Payload) -> str:
    if payload.la_code is None and payload.sender is not None:
        return payload.sender
    named = la_code_of(payload.la_code)
    if payload.sender not in {None, named}:
        raise UnreadableMessageError(field="la_code", reason="another-authority")
    return named


def _sound_child(payload: _Payload, *, is_sound: bool) -> tuple[Json, bytes]:
    """The child, and the same written in the one way in which equal children are equal."""
    child = payload.child
    if not is_sound:
        refuse_unsound(child, field=_CHILDREN)
    if not isinstance(child, dict):
        raise UnreadableMessageError(field=_CHILDREN, reason="not-an-object")
    canonical = canonical_json(child)
    if len(canonical) > limits.CSC_CHILD_BYTES:
        raise UnreadableMessageError(field=_CHILDREN, reason="too-large")
    return child, canonical


def _digest(canonical: bytes, la_code: str) -> str:
    """The same for the same child's payload, whenever it comes."""
    written = b"%b\n%b" % (la_code.encode(), canonical)
    return sha256(written).hexdigest()[:_DIGEST_CHARACTERS]
