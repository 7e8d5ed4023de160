"""What waits for a review, with its due day, how far it is, and what happened after."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from schemas.identifiers import PersonId
from schemas.uk_time import uk_day
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.index.entries import GROUPS, Group
from services.audit.index.postgres_entries import Wanted
from services.audit.looks import Access, AuditedWorker, access_from
from services.audit.outcomes import ReviewStanding
from services.audit.postgres_answers import PAGE, Auditing
from services.audit.reviews.postgres import DuePlace, PostgresReviews, ReviewSaid, WaitingItem
from services.audit.unusual.postgres import PostgresKnown
from services.audit.unusual.postgres_sweep import PostgresActs
from services.audit.unusual.settings import unusual_rules
from services.people.governance.queue import ItemKind

LATER_WORK = timedelta(days=14)
"""So long after an access it is looked for what was done with the family."""
_MOST_WORK = 5
_PRACTITIONER = "practitioner:"
SHOWN_UNLESS_ASKED = frozenset(
    {
        *(ItemKind.EMERGENCY, ItemKind.UNCONFIRMED_PRESENCE, ItemKind.ONE_PERSONS_WORD),
        *(ItemKind.CAPACITY_DOUBT, ItemKind.DUTY_OVER_REFUSAL, ItemKind.FAMILY_QUESTION),
        *(ItemKind.UNCONFIRMED_NARROWING, ItemKind.NAME_USED),
        *(ItemKind.HELD_BACK, ItemKind.HELD_TOO_LONG),
    }
)
"""What an auditor reviews; the rest of the queue is for whoever runs the service."""


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One item that waits: whose act it was, how far its review is, what work followed it."""

    item: WaitingItem
    worker: str | None
    standing: ReviewStanding
    is_overdue: bool
    work: tuple[Access, ...]


@dataclass(frozen=True, slots=True)
class ReviewsAnswer:
    """What waits, the soonest due first. `next` is where what is due later begins."""

    entered: UUID
    rows: tuple[ReviewRow, ...]
    workers: Mapping[str, AuditedWorker]
    next: DuePlace | None


@dataclass(frozen=True, slots=True)
class ReviewAnswer:
    """One item with every state of its review."""

    entered: UUID
    row: ReviewRow
    states: tuple[ReviewSaid, ...]
    workers: Mapping[str, AuditedWorker]


def reviews_waiting(
    auditing: Auditing,
    *,
    kinds: Collection[ItemKind] = SHOWN_UNLESS_ASKED,
    after: DuePlace | None = None,
    most: int = PAGE,
) -> ReviewsAnswer | NotForThem:
    """A page of what waits."""
    entered = auditing.enter(AuditAsked(AuditQuestion.REVIEWS, codes=tuple(kinds)))
    if isinstance(entered, NotForThem):
        return entered
    reviews = PostgresReviews(auditing.work.connection)
    start = after or DuePlace(datetime.min.replace(tzinfo=UTC), "")
    items = reviews.waiting(kinds, after=start, most=most + 1)
    rows = _rows(items[:most], reviews, auditing)
    last = DuePlace(items[most - 1].due_at, items[most - 1].id) if len(items) > most else None
    actors = {row.worker: row.item.raised_at for row in rows if row.worker is not None}
    return ReviewsAnswer(entered, tuple(rows), auditing.workers_at(actors), last)


def review_shown(item_id: str, auditing: Auditing) -> ReviewAnswer | NotForThem | None:
    """One item, open or closed; None where there is none of this id. Entered either way."""
    reviews = PostgresReviews(auditing.work.connection)
    item = reviews.item(item_id)
    persons = () if item is None else item.persons
    named = () if item is None else (item_id,)
    entered = auditing.enter(AuditAsked(AuditQuestion.REVIEWS, persons, named))
    if isinstance(entered, NotForThem):
        return entered
    if item is None:
        return None
    (row,) = _rows([item], reviews, auditing)
    states = reviews.history(item_id)
    said = {state.said_by: state.at for state in states}
    whose = {} if row.worker is None else {row.worker: item.raised_at}
    return ReviewAnswer(entered, row, tuple(states), auditing.workers_at({**said, **whose}))


def _rows(
    items: Sequence[WaitingItem], reviews: PostgresReviews, auditing: Auditing
) -> Sequence[ReviewRow]:
    standing = reviews.standing([item.id for item in items])
    now = auditing.work.now
    return [
        ReviewRow(
            item, worker_in(item), standing[item.id], item.due_at < now, _work(item, auditing)
        )
        for item in items
    ]


def worker_in(item: WaitingItem) -> str | None:
    """Whose act an item is about: who raised it by doing it, or whom it names."""
    named = (one for one in (item.raised_by, item.about) if one.startswith(_PRACTITIONER))
    return next(named, None)


def _work(item: WaitingItem, auditing: Auditing) -> tuple[Access, ...]:
    """What the same worker did with the family soon after: it may explain why they looked."""
    worker = worker_in(item)
    if worker is None or not item.persons:
        return ()
    page = auditing.entries.newest(
        Wanted(
            GROUPS[Group.WORK],
            frozenset(item.persons),
            frozenset({worker}),
            item.raised_at,
            item.raised_at + LATER_WORK,
        ),
        most=_MOST_WORK,
    )
    return tuple(access_from(one.place.seq, one.entry) for one in page.found)


# What somebody does with a family often comes to us days later, as a record of their agency.


def records_after(
    worker: str | None,
    persons: Collection[PersonId],
    at: datetime,
    within: timedelta,
    auditing: Auditing,
) -> int:
    """How many came about any of these people, within so long after a look of this worker."""
    if worker is None or not worker.startswith(_PRACTITIONER) or not persons:
        return 0
    work = auditing.work
    by = worker.removeprefix(_PRACTITIONER)
    ports = (work.connection, work.bound, work.clusters, unusual_rules(None), work.outside.weights)
    _, source = PostgresKnown(*ports).works_for({by}, work.now).get(by, ("", ""))
    everybody = work.clusters.all_of(persons)
    acts = PostgresActs(work.connection).work_for(everybody, uk_day(at), uk_day(at + within))
    return sum(at < act.at <= at + within and not act.by and act.source == source for act in acts)
