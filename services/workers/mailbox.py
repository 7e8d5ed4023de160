"""A mailbox into the connectors: fetched, published or kept back, and only then acknowledged.

Dying anywhere brings the same messages again, which changes nothing: a message that is in is a
duplicate, one that was held back or parked is decided on as before.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from connectors.health_visiting.nems.events import is_known_workflow
from connectors.health_visiting.reader import is_signal, read_nems
from connectors.parsing import limits
from connectors.ports import Received, Unreadable
from connectors.publishing.batch import ref_of
from connectors.publishing.publish import PublishIfPermitted, publish_if_permitted
from connectors.registry import Arrival, the_one_by
from services.bootstrap import Application, DatabaseRole
from services.intake.feeds.model import CameBy, FeedChannel
from services.intake.parked.postgres import ParkedMessages
from services.platform.errors import ServiceUnavailableError
from services.platform.keys.vault import SecretName
from services.platform.logging import LogEvent, configure_logging
from services.platform.loops import Stopping, run_until_stopped
from services.platform.mailbox.ports import (
    Delivery,
    DeliveryUnreadableError,
    Mailbox,
    MailboxUnavailableError,
)
from services.profile.postgres_looks import note_answering, note_not_answering
from services.work import Outside, unit_of_work
from services.workers.consuming import showing_itself

# Which messages to take next, and what to make of those that cannot be had.

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
    if not is_known_workflow(delivery.workflow) and not is_signal(content):
        unread = Unreadable("mailbox.workflow", "unknown")
        return Received(index, unread, raw=lambda: content, origin=delivery.id)
    (received,) = read_nems(BytesIO(content))
    return Received(index, received.outcome, received.raw, origin=delivery.id)


def notice_of(index: int, message_id: str, reason: str) -> Received:
    """What stands for a message that cannot be had: its mailbox id, and why. It stays there."""
    said = f"mailbox message {message_id}".encode()
    unread = Unreadable("mailbox.message", reason)
    return Received(index, unread, raw=lambda: said, origin=message_id)


BATCH = 100
_SOURCE = the_one_by(Arrival.MAILBOX)
_LONGEST_WAIT = 60.0
_NEVER = float("inf")


def run_mailbox(application: Application) -> int:
    """Read the mailbox that the settings name, until stopped."""
    log = configure_logging("mailbox")
    stopping = Stopping()
    mailbox = application.open_mailbox()
    reading = _reading(mailbox, application)
    outside = application.outside(DatabaseRole.CONNECTORS)
    log.info(LogEvent.PROCESS_STARTED)
    try:
        with showing_itself(application, outside, log) as showing:
            run_until_stopped(
                showing.turning(reading.round),
                stopping=stopping,
                idle_wait=application.settings.mesh_poll_seconds,
                log=log,
                hopeless_after=_NEVER,
                longest_wait=_LONGEST_WAIT,
            )
    finally:
        mailbox.close()
    log.info(LogEvent.PROCESS_STOPPED)
    return 0


def read_mailbox(application: Application) -> int:
    """Read what is in the mailbox now, and no longer; gives how many messages were taken out.

    Raises MailboxUnavailableError, and ServiceUnavailableError when the database is away.
    """
    mailbox = application.open_mailbox()
    reading = _reading(mailbox, application)
    taken = 0
    try:
        while moved := reading.round():
            taken += moved
    finally:
        mailbox.close()
    return taken


def _reading(mailbox: Mailbox, application: Application) -> "MailboxReading":
    came_by = CameBy(FeedChannel.MAILBOX, application.settings.mesh_mailbox)
    return MailboxReading(mailbox, application.outside(DatabaseRole.CONNECTORS), came_by)


@dataclass(slots=True)
class MailboxReading:
    """The rounds of one process through one mailbox; `seconds` count from anywhere."""

    mailbox: Mailbox
    outside: Outside
    came_by: CameBy | None = None
    seconds: Callable[[], float] = time.monotonic
    _batches: MailboxBatches = field(init=False)
    _is_answering: bool | None = None

    def __post_init__(self) -> None:
        """Begin with nothing put off."""
        self._batches = MailboxBatches(self.mailbox, self.seconds)

    def round(self) -> int:
        """Take a batch out of the mailbox; gives how many messages left it.

        (1) Fetch what waits, as much as a batch holds.
        (2) Publish, withhold or park all of it in one transaction.
        (3) Only then let the mailbox forget each of them.
        Raises MailboxUnavailableError after it is noted that the source does not answer.
        """
        try:
            batch = self._batches.next(BATCH)  # (1)
            self._note(is_answering=True)
            taken = self._make_durable(batch)  # (2)
            for delivery in taken:
                self.mailbox.acknowledge(delivery.id)  # (3)
        except MailboxUnavailableError:
            self._note(is_answering=False)
            raise
        return len(taken)

    def _make_durable(self, batch: Sequence[Delivery]) -> Sequence[Delivery]:
        """Write the batch and what is to be told; gives the deliveries that are durable now."""
        notices = self._batches.to_be_told()
        told = [notice_of(n, message_id, why) for n, (message_id, why) in enumerate(notices)]
        if not batch and not told:
            return ()
        try:
            self._publish([*told, *(received_from(n, d) for n, d in enumerate(batch))], batch)
        except ServiceUnavailableError:
            raise
        except Exception:  # noqa: BLE001 a door: whose fault it is shows when each is alone
            return [delivery for delivery in batch if self._is_durable_alone(delivery)]
        for message_id, _ in notices:
            self._batches.put_off[message_id].is_told = True
        self._settled(batch)
        return batch

    def _is_durable_alone(self, delivery: Delivery) -> bool:
        try:
            self._publish([received_from(0, delivery)], [delivery])
        except ServiceUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 a door: put off, told of, and never lost
            self._batches.put_off_again(delivery.id, f"failed:{type(error).__name__}")
            return False
        self._settled([delivery])
        return True

    def _publish(self, received: Sequence[Received], batch: Sequence[Delivery]) -> None:
        with unit_of_work(self.outside) as work:
            publishing = work.publishing(_SOURCE, None, self.came_by)
            publish_if_permitted(PublishIfPermitted(_SOURCE, received), publishing=publishing)
            key = self.outside.vault.secret(SecretName.PARKED)
            for delivery in batch:
                if self._batches.is_told_of(delivery.id):
                    ref = ref_of(_SOURCE, notice_of(0, delivery.id, ""), self.outside.hasher)
                    ParkedMessages(work.connection, key).take(ref[:32])

    def _settled(self, batch: Sequence[Delivery]) -> None:
        for delivery in batch:
            self._batches.put_off.pop(delivery.id, None)

    def _note(self, *, is_answering: bool) -> None:
        """Write it down when it changes, and the first time."""
        if self._is_answering == is_answering:
            return
        with unit_of_work(self.outside) as work:
            if is_answering:
                note_answering(work.connection, _SOURCE)
            else:
                note_not_answering(work.connection, _SOURCE, at=work.now)
        self._is_answering = is_answering
