"""The aggregation service: records into the profile, withdrawals out of it; and what hangs on it.

Beside it likenesses are compared, records folded into parts, and reviews counted.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import orjson

from consent.ledger.fields import OPAQUE_ID
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.topics import RECORD_TOPICS, SHARING_DECISIONS
from services.audit.figures.postgres_reviews import (
    CountingMonth,
    next_month,
    who_may_have_had_one,
)
from services.people.linking.considering import OnRecordOnce, consider_together
from services.people.linking.postgres.queue import PostgresLinkQueue
from services.platform.bus.ports import EventBus
from services.platform.database.activity import (
    ActivityKind,
    mark_in_flight,
    wait_for_those_in_flight,
)
from services.platform.loops import Every
from services.profile.parts.postgres_folding import NOBODY_YET, Folded
from services.profile.storing import reconsider_all, store_permitted
from services.work import Outside, UnitOfWork, considering, unit_of_work
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
    mark_in_flight(work.connection, ActivityKind.AGGREGATING)
    aggregation = work.aggregation(GROUP)
    records = [event for event in events if event.topic != SHARING_DECISIONS]
    changed = [event for event in events if event.topic == SHARING_DECISIONS]
    if changed:
        wait_for_those_in_flight(work.connection, ActivityKind.STORING)
    if records:
        mark_in_flight(work.connection, ActivityKind.STORING)
        store_permitted(records, aggregation=aggregation)
    causes: dict[PersonId, list[str]] = {}
    work.clusters.learn_of({PersonId(event.subject) for event in changed})
    for event in changed:
        for person in work.clusters.concerned_by([PersonId(event.subject)]):
            causes.setdefault(person, []).append(_cause_of(event))
    reconsider_all(causes, aggregation=aggregation)


def _cause_of(event: Event) -> str:
    """The id of what changed; of the event itself where it does not say, or says no id."""
    try:
        because = orjson.loads(event.data)["because"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return event.id
    return because if isinstance(because, str) and _IS_ID.fullmatch(because) else event.id


# Whoever something new is known of is compared with whoever they may be, one after the other.

# Between two looks at what else there is to do; and in one transaction.
_MOST = 50
_TOGETHER = 25


def consider_links(outside: Outside, *, most: int = _MOST) -> int:
    """Compare those who wait, a few in each short transaction; gives how many.

    Only one process does it at a time: the others find nothing to do. What a join changes is
    announced, so whoever it makes worth comparing again comes into the list again.
    """
    done = 0
    while done < most and (now_done := _consider_next(outside, most=min(_TOGETHER, most - done))):
        done += now_done
    return done


def _consider_next(outside: Outside, *, most: int) -> int:
    """A join ends the transaction, so that it holds its locks no longer than by itself."""
    with unit_of_work(outside) as work:
        queue = PostgresLinkQueue(work.connection)
        taken = queue.take(most)
        if not taken:
            return 0
        on_record = OnRecordOnce(work.decisions, lambda: work.clusters.version)
        once = replace(considering(work, outside), decisions=on_record)
        waiting = consider_together(taken, considering=once)
        queue.add(waiting, at=work.now)
    return len(taken) - len(waiting)


# Folding beside it: records into parts, while there is nothing else to do.

_PERSONS_AT_ONCE = 100
_LOOK_EVERY = 5.0


class FoldingOfRecords:
    """Folds the next persons at each call; once round, it looks again after some seconds."""

    def __init__(self) -> None:
        self._after: PersonId = NOBODY_YET
        self._looking = Every(_LOOK_EVERY)

    def __call__(self, outside: Outside) -> int:
        """Fold a few, in a transaction of their own, with aggregation's rights; gives how many.

        None are folded where nobody is left, until it is time to look again.
        """
        if self._after == NOBODY_YET and not self._looking.is_due():
            return 0
        folded = _fold_next(outside, self._after)
        self._after = NOBODY_YET if folded.last is None else folded.last
        return folded.records


def fold_all(outside: Outside) -> int:
    """Fold everybody's; gives how many records. With aggregation's rights."""
    after, total = NOBODY_YET, 0
    while True:
        folded = _fold_next(outside, after)
        total += folded.records
        if folded.last is None:
            return total
        after = folded.last


def _fold_next(outside: Outside, after: PersonId) -> Folded:
    """While a profile built anew takes the place of this one, this waits, and holds nothing."""
    with unit_of_work(outside) as work:
        mark_in_flight(work.connection, ActivityKind.AGGREGATING)
        return work.folding.fold_next(after, most=_PERSONS_AT_ONCE)


# Counting beside it: the reviews of a month, some days after it is over.

_CHILDREN_AT_ONCE = 200
_LOOK_FOR_MONTHS_EVERY = 600.0


class CountingOfReviews:
    """Counts the reviews of a few children at each call, where a month is to be counted."""

    def __init__(self) -> None:
        self._looking = Every(_LOOK_FOR_MONTHS_EVERY)
        self._counting: CountingMonth | None = None

    def __call__(self, outside: Outside) -> int:
        """Count a few, in a transaction of their own, with aggregation's rights; gives how many.

        Once all are counted the counts are written, and the next month is looked for.
        """
        if self._counting is None:
            self._counting = _month_to_count(outside) if self._looking.is_due() else None
            return 0 if self._counting is None else 1
        with unit_of_work(outside) as work:
            if self._counting.waiting:
                return self._counting.count_next(work, most=_CHILDREN_AT_ONCE)
            self._counting.write(work)
        self._counting, self._looking = None, Every(_LOOK_FOR_MONTHS_EVERY)
        return 1


def count_all_reviews(outside: Outside) -> None:
    """Count every month that is to be counted, as aggregation."""
    count = CountingOfReviews()
    while count(outside):
        pass


def _month_to_count(outside: Outside) -> CountingMonth | None:
    with unit_of_work(outside) as work:
        month = next_month(work.connection, now=work.now)
        if month is None:
            return None
        return CountingMonth(month, who_may_have_had_one(work.connection, month))
