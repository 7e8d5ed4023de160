"""Reads children's social care payloads: files and pushed bodies, one message a child."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from connectors.social_care.csc.fields import Place, la_code_of
from connectors.social_care.csc.mapper import (
    about_of_child,
    name_of_part,
    place_of_child,
    scopes_of_child,
    source_message_from_child,
)
from connectors.social_care.csc.sifting import (
    FaultyPayloadPart,
    PayloadPart,
    completed,
    parts_of,
    sifted,
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
    came before it in the body; `is_ours` that it was put together here, in no order of names.
    """

    la_code: Any
    child: Any
    sender: str | None = None
    after: int = 0
    is_ours: bool = False


PendingParts = Callable[[Sequence[str]], Mapping[str, Sequence[bytes]]]
"""Of each child, by its scope, the parts of it that wait because they could not be read."""


def nothing_pending(_scopes: Sequence[str]) -> Mapping[str, Sequence[bytes]]:
    """For whoever knows of none."""
    return {}


def read_csc(
    stream: BinaryIO,
    *,
    received_at: datetime,
    la_code: str | None = None,
    pending: PendingParts = nothing_pending,
) -> Iterator[Received]:
    """The children of a payload, of an array of payloads, or of an array of children.

    Of a child whose payload has parts that cannot be read the rest is one message, and each part
    another under the same index (`sifting`). What is `pending` of a part is completed by what is
    sent of it now.

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
    payloads = _as_sent(payloads, la_code)
    waiting = _Waiting.of(payloads, pending)
    for index, payload in enumerate(payloads):
        version = Version(at, payload.after)
        yield from _received(index, payload, version, waiting, is_sound=document.is_sound)


def _as_sent(payloads: Sequence[_Payload], sender: str | None) -> list[_Payload]:
    """With who sent them, and how many of the same child came before in the body."""
    times: Counter[str] = Counter()
    sent = []
    for found in payloads:
        number = str(found.child.get("la_child_id")) if isinstance(found.child, dict) else ""
        sent.append(replace(found, sender=sender, after=found.after + times[number]))
        times[number] += 1
    return sent


@dataclass(slots=True, repr=False)
class _Waiting:
    """The parts that wait of the children of a body, by the scope of the child."""

    parts: dict[str, list[PayloadPart]]

    @classmethod
    def of(cls, payloads: Sequence[_Payload], pending: PendingParts) -> "_Waiting":
        if pending is nothing_pending:
            return cls({})
        scopes = [scope for payload in payloads for scope in _scopes_of(payload)]
        found = pending(scopes)
        return cls({scope: list(_parts_in(raws)) for scope, raws in found.items()})

    def complete(self, child: Json, place: Place) -> tuple[Json, tuple[str, ...]]:
        """The child with what waits of each part that is sent now; and what those are called.

        Nothing waits of a child that is taken back, and nothing for what has another shape.
        """
        waits = self.parts.get(place.key, [])
        if not waits or child.get("purge"):
            return child, ()
        sent = {part.place.key for part in parts_of(child, place) if part.has_place}
        under = [part for part in waits if part.place.key in sent]
        names = tuple(sorted({name_of_part(part.place) for part in under}))
        return completed(child, [part.child for part in reversed(under)]), names

    def keep(self, fault: FaultyPayloadPart) -> None:
        """Let a part wait for what comes of the same child later in the same body."""
        self.parts.setdefault(fault.part.place.scopes[0], []).append(fault.part)


def _scopes_of(payload: _Payload) -> tuple[str, ...]:
    if not isinstance(payload.child, dict) or isinstance(payload.child, RepeatedKeys):
        return ()
    try:
        return scopes_of_child(payload.child, _authority_of(payload))
    except UnreadableMessageError:
        return ()


def _parts_in(raws: Sequence[bytes]) -> Iterator[PayloadPart]:
    """The parts that were kept, of all that was kept of a child; the older first."""
    for raw in raws:
        try:
            (payload,) = _payloads(read_json(raw, field=BODY).value)
            place = place_of_child(payload.child, la_code_of(payload.la_code))
            found = [part for part in parts_of(payload.child, place) if part.has_place]
        except (UnreadableMessageError, ValueError):  # kept for another reason
            continue
        yield from found


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


def _received(
    index: int, payload: _Payload, version: Version, waiting: _Waiting, *, is_sound: bool
) -> Iterator[Received]:
    for outcome, child in _outcomes(payload, version, waiting, is_sound=is_sound):
        said = payload if child is None else replace(payload, child=child, is_ours=True)
        yield Received(index, outcome, raw=partial(_written, said))


def _written(payload: _Payload) -> bytes:
    """The child as a payload of its own. What lies too deep to be written is too deep to read."""
    try:
        la_code = payload.sender if payload.la_code is None else payload.la_code
        child = payload.child
        if payload.is_ours:
            child = json.loads(canonical_json(child))
        alone = {"la_code": la_code, _CHILDREN: [child], _AFTER: payload.after}
        return json.dumps(alone).encode()
    except RecursionError:
        return b"[" * _TOO_DEEP


_Outcome = tuple[SourceMessage | Unreadable, Json | None]
"""What was read, and of what child's payload, where that is not the one that was sent."""


def _outcomes(
    payload: _Payload, version: Version, waiting: _Waiting, *, is_sound: bool
) -> Iterator[_Outcome]:
    """What is said of the child, and each part of it that cannot be read."""
    scopes: tuple[str, ...] = ()
    try:
        child, canonical = _sound_child(payload, is_sound=is_sound)
        la_code = _authority_of(payload)
        scopes = scopes_of_child(child, la_code)
        reading = _ChildReading(la_code, version)
        if scopes and waiting.parts:
            yield from _completed(reading, child, waiting)
            return
        try:
            yield reading.message(child, canonical, scopes), None
        except UnreadableMessageError:
            yield from _apart(reading, child, waiting, ())
    except UnreadableMessageError as error:
        statement_of = scopes[0] if scopes else None
        about = _about(payload, version)
        message_id = reading.id_of(scopes[0], canonical) if scopes else None
        why = Unreadable(error.field, error.reason, message_id, scopes, version, about)
        yield replace(why, statement_of=statement_of), None


def _completed(reading: "_ChildReading", child: Json, waiting: _Waiting) -> Iterator[_Outcome]:
    """The same where something of the child may wait."""
    whole, names = waiting.complete(child, place_of_child(child, reading.la_code))
    try:
        message = reading.message(whole, canonical_json(whole))
    except UnreadableMessageError:
        yield from _apart(reading, whole, waiting, names)
    else:
        yield replace(message, names=(*message.names, *names)), whole


def _apart(
    reading: "_ChildReading", child: Json, waiting: _Waiting, names: tuple[str, ...]
) -> Iterator[_Outcome]:
    """What can be read of the child, then each part that cannot be; raises for another shape."""
    found = sifted(child, place_of_child(child, reading.la_code), reading.message)
    if found.sound is not None:
        message = reading.message(found.sound, hides_whereabouts=found.hides_whereabouts)
        faulty = {name_of_part(fault.part.place) for fault in found.faults}
        answered = tuple(name for name in names if name not in faulty)
        yield replace(message, names=(*message.names, *answered)), found.sound
    for fault in found.faults:
        if fault.part.has_place:
            waiting.keep(fault)
        yield reading.fault(fault), fault.part.child


@dataclass(frozen=True, slots=True)
class _ChildReading:
    """Reads payloads of one authority that came at one moment."""

    la_code: str
    version: Version

    def message(
        self,
        child: Json,
        canonical: bytes | None = None,
        scopes: tuple[str, ...] | None = None,
        *,
        hides_whereabouts: bool = False,
    ) -> SourceMessage:
        """The message in a payload; raises UnreadableMessageError where anything of it is none."""
        about = "".join(scopes_of_child(child, self.la_code) if scopes is None else scopes)
        undated = self._undated(about, child, canonical)
        message = source_message_from_child(
            child,
            la_code=self.la_code,
            message_id=undated.id_at(self.version),
            version=self.version,
            hides_whereabouts=hides_whereabouts,
        )
        return replace(message, undated=undated)

    def fault(self, fault: FaultyPayloadPart) -> Unreadable:
        """A part that cannot be read, as a message of its own."""
        place, child = fault.part.place, fault.part.child
        about = about_of_child(child, self.la_code, self.version)
        return Unreadable(
            fault.why.field,
            fault.why.reason,
            self._undated(place.key, child, None).id_at(self.version),
            place.scopes,
            self.version,
            replace(about, names=(name_of_part(place),)),
            statement_of=place.key if fault.part.has_place else None,
            is_part=True,
        )

    def id_of(self, about: str, canonical: bytes) -> str:
        """The id of a payload that cannot be read at all."""
        return self._undated(about, {}, canonical).id_at(self.version)

    def _undated(self, about: str, child: Json, canonical: bytes | None) -> Undated:
        written = canonical_json(child) if canonical is None else canonical
        return Undated(about, f"csc/{self.la_code}", _digest(written, self.la_code))


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
