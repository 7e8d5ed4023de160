"""The aggregation service: records into the shared profile, withdrawals out of it."""

from collections.abc import Sequence

import orjson

from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.topics import RECORD_TOPICS, SHARING_DECISIONS
from services.adapters.in_flight import Kind, mark_in_flight, wait_for_those_in_flight
from services.adapters.unit_of_work import Outside, UnitOfWork
from services.aggregation.handlers import reconsider, store_permitted
from services.event_bus import EventBus
from services.workers.consuming import Consumer

GROUP = "aggregation"


def aggregator(bus: EventBus, outside: Outside) -> Consumer:
    """A member of the aggregation group."""
    return Consumer(bus, GROUP, (*RECORD_TOPICS, SHARING_DECISIONS), outside, aggregate)


def aggregate(events: Sequence[Event], work: UnitOfWork) -> None:
    """Store what is permitted; look again at those about whom decisions changed.

    What another aggregator is about to store, on a decision that has changed meanwhile, is
    waited for: otherwise nobody would purge it.
    """
    aggregation = work.aggregation(GROUP)
    records = [event for event in events if event.topic != SHARING_DECISIONS]
    changed = {e.subject: e for e in events if e.topic == SHARING_DECISIONS}
    if changed:
        wait_for_those_in_flight(work.connection, Kind.STORING)
    if records:
        mark_in_flight(work.connection, Kind.STORING)
        store_permitted(records, aggregation=aggregation)
    for subject, event in sorted(changed.items()):
        because = orjson.loads(event.data).get("because", event.id)
        reconsider(PersonId(subject), because=because, aggregation=aggregation)
