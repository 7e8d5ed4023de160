"""A mailbox into the connectors: fetched, published or kept back, and only then acknowledged.

Dying anywhere brings the same messages again, which changes nothing: a message that is in is a
duplicate, one that was held back or parked is decided on as before.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from connectors.known import ref_of
from connectors.ports import Received
from connectors.publishing import PublishIfPermitted, publish_if_permitted
from schemas.vocabulary import Source
from services.adapters.logging import LogEvent, configure_logging
from services.adapters.parked_messages import ParkedMessages
from services.adapters.source_answers import note_answering, note_not_answering
from services.adapters.unit_of_work import Outside, unit_of_work
from services.bootstrap import Application, DatabaseRole
from services.errors import ServiceUnavailableError
from services.key_vault import SecretName
from services.mailbox import Delivery, Mailbox, MailboxUnavailableError
from services.workers.mailbox_batches import MailboxBatches, notice_of, received_from
from services.workers.running import Stopping, run_until_stopped

BATCH = 100
_SOURCE = Source.HEALTH_VISITING
_LONGEST_WAIT = 60.0
_NEVER = float("inf")


def run_mailbox(application: Application) -> int:
    """Read the mailbox that the settings name, until stopped."""
    log = configure_logging("mailbox")
    stopping = Stopping()
    mailbox = application.open_mailbox()
    reading = MailboxReading(mailbox, application.outside(DatabaseRole.CONNECTORS))
    log.info(LogEvent.PROCESS_STARTED)
    try:
        run_until_stopped(
            reading.round,
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
    reading = MailboxReading(mailbox, application.outside(DatabaseRole.CONNECTORS))
    taken = 0
    try:
        while moved := reading.round():
            taken += moved
    finally:
        mailbox.close()
    return taken


@dataclass(slots=True)
class MailboxReading:
    """The rounds of one process through one mailbox; `seconds` count from anywhere."""

    mailbox: Mailbox
    outside: Outside
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
            publishing = work.publishing(_SOURCE, None)
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
