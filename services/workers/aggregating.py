"""The aggregation service: records into the shared profile, withdrawals out of it."""

import re
from collections.abc import Sequence

import orjson

from consent.ledger_fields import OPAQUE_ID
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.topics import RECORD_TOPICS, SHARING_DECISIONS
from services.adapters.in_flight import Kind, mark_in_flight, wait_for_those_in_flight
from services.adapters.unit_of_work import Outside, UnitOfWork
from services.aggregation.handlers import reconsider_all, store_permitted
from services.event_bus import EventBus
from services.workers.consuming import Consumer

GROUP = "aggregation"
_IS_ID = re.compile(OPAQUE_ID)


def aggregator(bus: EventBus, outside: Outside) -> Consumer:
    """A member of the aggregation group."""
    return Consumer(bus, GROUP, (*RECORD_TOPICS, SHARING_DECISIONS), outside, aggregate)


def aggregate(events: Sequence[Event], work: UnitOfWork) -> None:
    """Store what is permitted; look again at those about whom decisions changed.

    What another aggregator is about to store, on a decision that has changed meanwhile, is
    waited for: otherwise nobody would purge it. While a profile built anew takes the place of
    this one, all of it waits.
    """
    mark_in_flight(work.connection, Kind.AGGREGATING)
    aggregation = work.aggregation(GROUP)
    records = [event for event in events if event.topic != SHARING_DECISIONS]
    changed = {e.subject: e for e in events if e.topic == SHARING_DECISIONS}
    if changed:
        wait_for_those_in_flight(work.connection, Kind.STORING)
    if records:
        mark_in_flight(work.connection, Kind.STORING)
        store_permitted(records, aggregation=aggregation)
    causes = {PersonId(subject): _cause_of(event) for subject, event in changed.items()}
    reconsider_all(causes, aggregation=aggregation)


def _cause_of(event: Event) -> str:
    """The id of what changed; of the event itself where it does not say, or says no id."""
    try:
        because = orjson.loads(event.data)["because"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return event.id
    return because if isinstance(because, str) and _IS_ID.fullmatch(because) else event.id
