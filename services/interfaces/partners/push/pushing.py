"""What a partner pushes, events or children: published, withheld, a duplicate or parked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256
from io import BytesIO
from itertools import islice
from uuid import UUID

from connectors.ports import Received, Unreadable
from connectors.publishing.receiving.taken import Came
from connectors.registry import read_messages
from connectors.social_care.csc.reader import BODY, read_csc
from schemas.records.message import SourceMessage
from schemas.vocabulary import IdentifierScheme, Source
from services.interfaces.partners.errors import (
    AuthorityNotTheirsError,
    BodyTooLargeError,
    ScopeMissingError,
)
from services.interfaces.partners.ports import Caller, PartnerWork, PushedDisposition, scope_of
from services.interfaces.partners.push.events import PushedEvent

MOST_MESSAGES = 1000
"""Messages in one request, which is one transaction."""


@dataclass(frozen=True, slots=True)
class PushMessages:
    """Order: publish what may be published of these messages of one source.

    `came` says of each what its moment means (`connectors.publishing.receiving.order.Came`).
    """

    caller: Caller
    source: Source
    messages: Sequence[Received]
    came: Sequence[Came]


def push_messages(command: PushMessages, *, work: PartnerWork) -> Sequence[PushedDisposition]:
    """Give what became of each message, in order, and keep it for the partner to read again.

    Nothing is done before the caller's transaction commits. A message that was published before
    is a duplicate and changes nothing; one without a date only while nothing else has been taken
    of its child since. Raises ScopeMissingError when the token is not for this
    source, AuthorityNotTheirsError when a child is another authority's than the partner sends for,
    BodyTooLargeError for more than MOST_MESSAGES.
    """
    caller, partner = command.caller, command.caller.partner
    if scope_of(command.source) not in caller.scopes:
        raise ScopeMissingError(f"the token lacks the scope of {command.source}")
    if caller.la_code is not None and not all(_is_of(caller.la_code, r) for r in command.messages):
        raise AuthorityNotTheirsError("a child is another authority's than the token is for")
    if sum(not _is_part(received) for received in command.messages) > MOST_MESSAGES:
        raise BodyTooLargeError(f"at most {MOST_MESSAGES} messages are taken in one request")
    pushed = work.publish(partner, command.source, command.messages, came=command.came)
    work.dispositions.add(partner, command.source, pushed, at=work.now)
    return pushed


def _is_part(received: Received) -> bool:
    """Whether it could not be read and the message that it is a part of was."""
    return isinstance(received.outcome, Unreadable) and received.outcome.is_part


def _is_of(la_code: str, received: Received) -> bool:
    """Whether every child of the message that has an authority's number has this authority's."""
    if not isinstance(received.outcome, SourceMessage):
        return True
    numbers = (
        identifier.value
        for subject in received.outcome.subjects
        for identifier in subject.identifiers
        if identifier.scheme is IdentifierScheme.LA_CHILD_ID
    )
    return all(number.partition("/")[0] == la_code for number in numbers)


# Events: each read by its source's own connector, then published or not.


@dataclass(frozen=True, slots=True)
class PushEvents:
    """Order: publish what may be published of these events, all or none at once."""

    caller: Caller
    events: Sequence[PushedEvent]


@dataclass(frozen=True, slots=True)
class EventMessage:
    """What became of one message of one event; both are told by their place."""

    event: int
    message: PushedDisposition


def push_events(command: PushEvents, *, work: PartnerWork) -> Sequence[EventMessage]:
    """Give what became of each message of each event, in their order.

    An event that comes again, with the same id, origin and data, is the same event: its messages
    are ordered by when it first came, so that what was asked for again is no newer than it was.
    Another event with the same data is news once something else has been taken in between.
    Raises BodyTooLargeError and ScopeMissingError; then nothing of the request is done.
    """
    found = _messages_of(command, work)
    told: list[EventMessage] = []
    for source in sorted({source for _, source, *_ in found}):
        of_source = [(event, one, came) for event, s, one, came in found if s is source]
        messages, came = [one for _, one, _ in of_source], [came for *_, came in of_source]
        pushed = push_messages(PushMessages(command.caller, source, messages, came), work=work)
        told += [EventMessage(e, m) for (e, *_), m in zip(of_source, pushed, strict=True)]
    return sorted(told, key=lambda one: (one.event, one.message.index))


_Found = tuple[int, Source, Received, Came]


def _messages_of(command: PushEvents, work: PartnerWork) -> list[_Found]:
    refs = [_ref_of(event, command.caller, work) for event in command.events]
    first = work.received_first.first(refs, at=work.now)
    found: list[_Found] = []
    for number, (event, ref) in enumerate(zip(command.events, refs, strict=True)):
        at = min(event.time or first[ref], first[ref])
        came = _how_it_came(event, first[ref], work.now)
        messages = read_messages(event.source, BytesIO(event.data), received_at=at)
        room = MOST_MESSAGES - len(found) + 1
        found += [(number, event.source, received, came) for received in islice(messages, room)]
        if len(found) > MOST_MESSAGES:
            raise BodyTooLargeError(f"at most {MOST_MESSAGES} messages are taken in one request")
    return found


def _how_it_came(event: PushedEvent, first: datetime, now: datetime) -> Came:
    if first != now:
        return Came.AGAIN
    return Came.NOW if event.time is None or event.time >= now else Came.DATED


def _ref_of(event: PushedEvent, caller: Caller, work: PartnerWork) -> bytes:
    """By its data too: an id that is used twice must not make two events one."""
    digest = sha256(event.data).hexdigest()
    return work.digest("event", caller.partner, event.origin, event.id, digest)


# A batch of children as local authorities' own senders push it: all of it or nothing.

_BOM = b"\xef\xbb\xbf"
_RECEIPT_TIME = "%Y-%m-%d_%H:%M:%S.%f"


@dataclass(frozen=True, slots=True, repr=False)
class PushChildren:
    """Order: publish what may be published of these children of one authority."""

    caller: Caller
    la_code: str
    body: bytes


@dataclass(frozen=True, slots=True)
class ChildrenTaken:
    """One receipt a child, in their order; none for an empty batch."""

    receipts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChildFault:
    """Which child of the batch cannot be read, from 0, and why: names and codes, no value.

    Without an index it is the body that is none.
    """

    index: int | None
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class ChildrenRefused:
    """What has to be mended before anything of the batch is taken."""

    faults: tuple[ChildFault, ...]


def push_children(command: PushChildren, *, work: PartnerWork) -> ChildrenTaken | ChildrenRefused:
    """Take the whole batch, or none of it and tell which children have not the shape of one.

    A part of a child that cannot be read is parked by itself, and told among the dispositions; the
    child has its receipt. Fields of it wait, and complete what is sent of the same part later.
    Its sender takes anything but success for a failure of the whole batch, and next time compares
    with what it last sent with success. If part of a failed batch were taken, a change that is
    taken back before the next time would never be sent again. A child that is withheld or came
    before is taken: it has its receipt. One that comes again within the hour with nothing else in
    between is a duplicate, because its sender had no answer; after something else it is news.
    Raises AuthorityNotTheirsError, ScopeMissingError or BodyTooLargeError.
    """
    # (1) A partner sends for its own authority.
    if command.caller.la_code not in {None, command.la_code}:
        raise AuthorityNotTheirsError("the token is not for this authority")
    # (2) Every child has the shape of one, or none is taken.
    found = _children(command, work)
    faults = [
        _fault(one.index, one.outcome)
        for one in found
        if isinstance(one.outcome, Unreadable) and not _is_part(one)
    ]
    if faults or not found:
        return ChildrenRefused(tuple(faults)) if faults else ChildrenTaken(())
    # (3) They have no date but that they came now, after whatever was taken of each before.
    came = [Came.NOW] * len(found)
    order = PushMessages(command.caller, Source.SOCIAL_CARE, found, came)
    pushed = push_messages(order, work=work)
    at = work.now.strftime(_RECEIPT_TIME)
    of_children = {one.index: one.receipt for one in reversed(pushed)}
    receipts = (UUID(hex=of_children[index]) for index in sorted(of_children))
    return ChildrenTaken(tuple(f"{at}_{receipt}" for receipt in receipts))


def _children(command: PushChildren, work: PartnerWork) -> Sequence[Received]:
    if not command.body.removeprefix(_BOM).lstrip().startswith(b"["):
        why = Unreadable(BODY, "not-a-list")
        return [Received(0, why, raw=lambda: command.body)]
    reading = read_csc(
        BytesIO(command.body),
        received_at=work.now,
        la_code=command.la_code,
        pending=partial(work.parts_that_wait, command.caller.partner, Source.SOCIAL_CARE),
    )
    return list(reading)


def _fault(index: int, why: Unreadable) -> ChildFault:
    return ChildFault(None if why.field == BODY else index, why.field, why.reason)
