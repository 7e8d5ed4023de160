"""Events that a partner pushes: each read by its source's own connector, then published or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice

from connectors.ports import Received
from schemas.vocabulary import Source
from services.partners.cloud_events import PushedEvent
from services.partners.errors import BodyTooLargeError
from services.partners.event_formats import READERS
from services.partners.ports import Caller, PartnerWork, PushedMessage
from services.partners.pushing import MOST_MESSAGES, PushMessages, push_messages


@dataclass(frozen=True, slots=True)
class PushEvents:
    """Order: publish what may be published of these events, all or none at once."""

    caller: Caller
    events: Sequence[PushedEvent]


@dataclass(frozen=True, slots=True)
class EventMessage:
    """What became of one message of one event; both are told by their place."""

    event: int
    message: PushedMessage


def push_events(command: PushEvents, *, work: PartnerWork) -> Sequence[EventMessage]:
    """Give what became of each message of each event, in their order.

    An event that comes again, with the same id, origin and data, is the same event: its messages
    are ordered by when it first came, so that what was asked for again is no newer than it was.
    Raises BodyTooLargeError and ScopeMissingError; then nothing of the request is done.
    """
    found = _messages_of(command, work)
    told: list[EventMessage] = []
    for source in sorted({source for _, source, _ in found}):
        of_source = [(event, received) for event, s, received in found if s is source]
        order = PushMessages(command.caller, source, [received for _, received in of_source])
        pushed = push_messages(order, work=work)
        told += [EventMessage(e, m) for (e, _), m in zip(of_source, pushed, strict=True)]
    return sorted(told, key=lambda one: (one.event, one.message.index))


def _messages_of(command: PushEvents, work: PartnerWork) -> list[tuple[int, Source, Received]]:
    refs = [_ref_of(event, command.caller, work) for event in command.events]
    first = work.received_first.first(refs, at=work.now)
    found: list[tuple[int, Source, Received]] = []
    for number, (event, ref) in enumerate(zip(command.events, refs, strict=True)):
        messages = READERS[event.source](event.data, min(event.time or first[ref], first[ref]))
        room = MOST_MESSAGES - len(found) + 1
        found += [(number, event.source, received) for received in islice(messages, room)]
        if len(found) > MOST_MESSAGES:
            raise BodyTooLargeError(f"at most {MOST_MESSAGES} messages are taken in one request")
    return found


def _ref_of(event: PushedEvent, caller: Caller, work: PartnerWork) -> bytes:
    """By its data too: an id that is used twice must not make two events one."""
    digest = sha256(event.data).hexdigest()
    return work.digest("event", caller.partner, event.origin, event.id, digest)
