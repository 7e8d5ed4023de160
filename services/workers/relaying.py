"""The relay: what is queued goes to the bus, or to people outside; entries go into the tree."""

from collections.abc import Sequence
from datetime import timedelta

from consent.ledger import FieldValue, entry_id_for, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.transparency.checkpoint import LedgerSigner
from schemas.topics import PARTITIONS, TOPICS
from schemas.vocabulary import Role
from services.interfaces.answering.links.postgres_mail import note_failed, note_handed
from services.ledger.postgres_access import SignedCopy
from services.ledger.postgres_tree import integrate
from services.people.family_access.keeping.postgres_reach import is_not_safe
from services.people.governance.queue import ItemKind, raise_item
from services.people.presence.confirming import FEWEST_OFFICERS
from services.platform.bus.ports import EventBus, TopicSpec
from services.platform.bus.postgres import PostgresEventBus
from services.platform.logging import LogEvent, Logger
from services.platform.messages.ports import Message, MessageNotSentError, Messages
from services.platform.messages.postgres_outbox import Waiting, is_any_due
from services.work import Outside, UnitOfWork, unit_of_work

BATCH = 500


def make_topics(bus: EventBus) -> None:
    """Make the topics that are missing."""
    bus.ensure_topics(topic_specs(PARTITIONS))


def topic_specs(partitions: int) -> Sequence[TopicSpec]:
    """Every topic as it is to be, in so many partitions."""
    return [
        TopicSpec(
            topic.name,
            partitions=partitions,
            retention=topic.retention,
            compacted=topic.compacted,
        )
        for topic in TOPICS
    ]


def relay_batch(bus: EventBus, outside: Outside) -> int:
    """Publish the oldest queued events; they leave the queue when the bus has them.

    Dying between the two publishes them again, which consumers are ready for.
    """
    with unit_of_work(outside) as work:
        messages = work.outbox.take(BATCH)
        match bus:
            case PostgresEventBus():  # the same database: out of the queue and in, or neither
                bus.publish_in(work.connection, messages)
            case _:
                bus.publish(messages)
        return len(messages)


def trim_bus(bus: EventBus, outside: Outside) -> int:
    """Let go of messages that are past their topic's time; Kafka does this by itself."""
    match bus:
        case PostgresEventBus():
            return bus.trim(outside.clock.now())
        case _:
            return 0


def integrate_ledger(outside: Outside, signer: LedgerSigner, copy: SignedCopy) -> int:
    """Give new entries their place in the tree and sign it; gives how many were new.

    What was signed is kept in the copy beside the key. Raises LedgerBrokenError, and signs
    nothing, when the tree does not begin with what was signed before.
    """
    before = copy.read([signer.verifier_key], origin=signer.name)
    with unit_of_work(outside) as work:
        done = integrate(work.connection, signer=signer, copy=before)
    copy.keep(done.note)
    return done.added


# Messages to people outside: one by one, later where that failed, alarmed in the end.

ACTOR = "job:messages"

# A code lasts ten minutes: what has not gone out by then is of no use to anybody.
_WAITS: Sequence[timedelta] = tuple(timedelta(seconds=s) for s in (2, 5, 15, 45, 120, 240))
_LEASE = timedelta(seconds=60)
_EXPIRED = "expired"
_NOT_SAFE = "not-safe"


def send_due(outside: Outside, messages: Messages, log: Logger) -> int:
    """Send what is due; gives how many were dealt with.

    Each is claimed in one transaction, sent outside any, and forgotten in another, which enters
    it: no transaction waits for a mail server. Whoever dies between sends it once more.
    """
    done = 0
    while is_any_due(outside.engine, outside.clock.now()):
        waiting = _claim(outside)
        if waiting is None:  # another process has it
            break
        _send(waiting, outside, messages, log)
        done += 1
    return done


def warn_of_few_officers(outside: Outside, log: Logger) -> bool:
    """Warn where fewer people confirm than a council needs; whether that is so."""
    with unit_of_work(outside) as work:
        officers = work.directory.count_of(Role.CONFIRMING_OFFICER)
    if officers >= FEWEST_OFFICERS:
        return False
    log.warning(LogEvent.FEW_OFFICERS, officers=officers, needed=FEWEST_OFFICERS)
    return True


def _claim(outside: Outside) -> Waiting | None:
    with unit_of_work(outside) as work:
        return work.messages_out().claim(now=work.now, lease=_LEASE)


def _send(waiting: Waiting, outside: Outside, messages: Messages, log: Logger) -> None:
    if waiting.message is None:
        with unit_of_work(outside) as work:
            work.messages_out().forget(waiting.id)
        return
    if outside.clock.now() >= waiting.expires_at:
        _give_up(waiting, _EXPIRED, outside, log)
        return
    if _is_not_safe(waiting.message, outside):
        _leave_unsent(waiting, outside)
        return
    try:
        messages.send(waiting.message, reference=waiting.id)
    except MessageNotSentError as error:
        if error.is_final or waiting.tries > len(_WAITS):
            _give_up(waiting, error.why, outside, log)
        else:
            with unit_of_work(outside) as work:
                until = work.now + _WAITS[waiting.tries - 1]
                work.messages_out().put_off(waiting.id, until=until)
        return
    with unit_of_work(outside) as work:
        work.messages_out().forget(waiting.id)
        note_handed(work.connection, waiting.id, work.now)
        fields: dict[str, FieldValue] = {"message": waiting.id, "tries": waiting.tries}
        _enter(LedgerEvent.OUTGOING_MESSAGE_SENT, fields, waiting, work)


def _is_not_safe(message: Message, outside: Outside) -> bool:
    """Whether somebody said, maybe after it was queued, that nothing may be sent there."""
    with unit_of_work(outside) as work:
        return is_not_safe(message, work.connection, work.hasher)


def _leave_unsent(waiting: Waiting, outside: Outside) -> None:
    """Entered, and nobody is alarmed: it is as whoever it was for wants it."""
    with unit_of_work(outside) as work:
        work.messages_out().forget(waiting.id)
        fields: dict[str, FieldValue] = {
            "message": waiting.id,
            "tries": waiting.tries,
            "because": _NOT_SAFE,
        }
        _enter(LedgerEvent.OUTGOING_MESSAGE_FAILED, fields, waiting, work)


def _give_up(waiting: Waiting, why: str, outside: Outside, log: Logger) -> None:
    """Alarm: on the ledger, to governance, and in the log."""
    with unit_of_work(outside) as work:
        work.messages_out().forget(waiting.id)
        note_failed(work.connection, waiting.id, why, work.now)
        fields: dict[str, FieldValue] = {
            "message": waiting.id,
            "tries": waiting.tries,
            "because": why,
        }
        _enter(LedgerEvent.OUTGOING_MESSAGE_FAILED, fields, waiting, work)
        raise_item(
            ItemKind.UNDELIVERED,
            waiting.id,
            by=ACTOR,
            queue=work.queue,
            ledger=work.ledger,
            at=work.now,
        )
    log.error(LogEvent.MESSAGE_FAILED, message=waiting.id, tries=waiting.tries, because=why)


def _enter(
    event: LedgerEvent, fields: dict[str, FieldValue], waiting: Waiting, work: UnitOfWork
) -> None:
    entry_id = entry_id_for("outgoing-message", event, waiting.id)
    work.ledger.append([ledger_entry(event, fields, at=work.now, actor=ACTOR, entry_id=entry_id)])
