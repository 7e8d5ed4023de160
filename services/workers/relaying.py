"""The relay: what transactions queued goes to the bus, what they entered goes into the tree."""

from consent.transparency.checkpoint import LedgerSigner
from schemas.topics import PARTITIONS, TOPICS
from services.ledger.postgres_access import SignedCopy
from services.ledger.postgres_tree import integrate
from services.platform.bus.ports import EventBus, TopicSpec
from services.platform.bus.postgres import PostgresEventBus
from services.work import Outside, unit_of_work

BATCH = 500


def make_topics(bus: EventBus) -> None:
    """Make the topics that are missing."""
    bus.ensure_topics(
        [
            TopicSpec(
                topic.name,
                partitions=PARTITIONS,
                retention=topic.retention,
                compacted=topic.compacted,
            )
            for topic in TOPICS
        ]
    )


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
