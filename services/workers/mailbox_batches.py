"""Which messages of a mailbox to take next, and what to make of those that cannot be had."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from connectors import limits
from connectors.health_visiting.reader import read_nems
from connectors.health_visiting.workflows import is_known_workflow
from connectors.ports import Received, Unreadable
from services.mailbox import Delivery, DeliveryUnreadableError, Mailbox, MailboxUnavailableError

_MOST_LISTED: Final = 500
_BATCH_BYTES: Final = 16 * limits.MIB
_FIRST_PUT_OFF: Final = 60.0
_LONGEST_PUT_OFF: Final = 3600.0
_TOLD_AFTER: Final = 3
"""So many times a message is tried before it is told of; a mailbox may have a bad moment."""
_NO_ANSWER: Final = "no-answer"


@dataclass(slots=True)
class PutOff:
    """A message that could not be had: how often, why, and when it is tried again."""

    times: int = 0
    reason: str = ""
    until: float = 0.0
    is_told: bool = False


@dataclass(slots=True)
class MailboxBatches:
    """What to take from a mailbox next. One message that cannot be had never stops the others."""

    mailbox: Mailbox
    seconds: Callable[[], float]
    put_off: dict[str, PutOff] = field(default_factory=dict)

    def next(self, most: int) -> list[Delivery]:
        """Up to `most` messages that wait, whole. Raises MailboxUnavailableError."""
        waiting = self.mailbox.list(_MOST_LISTED)
        self._forget_all_but(waiting)
        now = self.seconds()
        due = [i for i in waiting if i not in self.put_off or self.put_off[i].until <= now]
        return list(self._fetched(due[:most]))

    def to_be_told(self) -> Sequence[tuple[str, str]]:
        """Ids and reasons of messages that nobody has been told of yet, and now should be."""
        return [
            (message_id, put_off.reason)
            for message_id, put_off in self.put_off.items()
            if not put_off.is_told
            and (put_off.times >= _TOLD_AFTER or put_off.reason != _NO_ANSWER)
        ]

    def is_told_of(self, message_id: str) -> bool:
        """Whether somebody has been told that this message could not be had."""
        return message_id in self.put_off and self.put_off[message_id].is_told

    def put_off_again(self, message_id: str, reason: str) -> None:
        """Try this message again later: in a minute, then twice as late each time, to an hour."""
        put_off = self.put_off.setdefault(message_id, PutOff())
        wait = min(_FIRST_PUT_OFF * 2.0 ** min(put_off.times, 10), _LONGEST_PUT_OFF)
        put_off.times += 1
        put_off.reason = reason
        put_off.until = self.seconds() + wait

    def _fetched(self, due: Sequence[str]) -> Iterator[Delivery]:
        size = 0
        for message_id in due:
            delivery = self._fetch(message_id)
            if delivery is not None:
                yield delivery
                size += len(delivery.content)
            if size > _BATCH_BYTES:
                return

    def _fetch(self, message_id: str) -> Delivery | None:
        try:
            return self.mailbox.fetch(message_id, most_bytes=limits.NEMS_MESSAGE_BYTES)
        except DeliveryUnreadableError as error:
            self.put_off_again(message_id, error.reason)
        except MailboxUnavailableError:
            # Raises again if the mailbox is away as a whole; else it is this message alone.
            self.mailbox.list(1)
            self.put_off_again(message_id, _NO_ANSWER)
        return None

    def _forget_all_but(self, waiting: Sequence[str]) -> None:
        """What is no longer listed is gone; a listing that is full does not tell."""
        if len(waiting) < _MOST_LISTED:
            for message_id in self.put_off.keys() - set(waiting):
                del self.put_off[message_id]


def received_from(index: int, delivery: Delivery) -> Received:
    """The one message of a delivery; unreadable when it was not sent as an event that we map."""
    content = delivery.content
    if not is_known_workflow(delivery.workflow):
        return Received(index, Unreadable("mailbox.workflow", "unknown"), raw=lambda: content)
    (received,) = read_nems(BytesIO(content))
    return Received(index, received.outcome, received.raw)


def notice_of(index: int, message_id: str, reason: str) -> Received:
    """What stands for a message that cannot be had: its mailbox id, and why. It stays there."""
    said = f"mailbox message {message_id}".encode()
    return Received(index, Unreadable("mailbox.message", reason), raw=lambda: said)
