"""What waits for auditors in one list: the queue's items and what rules have found, by due day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from schemas.identifiers import PersonId
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.looks import AuditedWorker
from services.audit.outcomes import Step
from services.audit.postgres_answers import PAGE, Auditing
from services.audit.reviews.postgres import DuePlace, PostgresReviews
from services.audit.reviews.waiting import SHOWN_UNLESS_ASKED, worker_in
from services.audit.unusual.hits import ALWAYS, OUTCOMES, Hit, HitStanding
from services.audit.unusual.model import UnusualRule
from services.audit.unusual.postgres_hits import HitFilter, PostgresHits
from services.people.governance.queue import ItemKind

STILL_OPEN = frozenset(HitStanding) - OUTCOMES
"""Where a hit stands while somebody has to say something of it."""
_PRACTITIONER = "practitioner:"
_FIRST = DuePlace(datetime.min.replace(tzinfo=UTC), "")


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One thing that waits; `worker` is whose act it is, `kind` says whether a rule found it."""

    id: str
    kind: ItemKind | UnusualRule
    worker: str | None
    persons: tuple[PersonId, ...]
    raised_at: datetime
    due_at: datetime
    step: Step
    is_overdue: bool

    @property
    def is_hit(self) -> bool:
        """Whether a rule of unusual access has found it."""
        return isinstance(self.kind, UnusualRule)


@dataclass(frozen=True, slots=True)
class QueueAsked:
    """Which are asked for: items of these kinds, hits too or not, all or what is overdue."""

    kinds: Collection[ItemKind] = SHOWN_UNLESS_ASKED
    with_hits: bool = True
    overdue_only: bool = False
    after: DuePlace = _FIRST


@dataclass(frozen=True, slots=True)
class QueueAnswer:
    """A page, the soonest due first. `next` is where what is due later begins."""

    entered: UUID
    rows: tuple[QueueRow, ...]
    workers: Mapping[str, AuditedWorker]
    next: DuePlace | None


def queue_waiting(
    asked: QueueAsked, auditing: Auditing, *, most: int = PAGE
) -> QueueAnswer | NotForThem:
    """A page of what waits, entered first.

    Emergencies and visits that nobody confirmed are items, and no second time hits.
    """
    codes = (*asked.kinds, *(("unusual",) if asked.with_hits else ()))
    entered = auditing.enter(AuditAsked(AuditQuestion.REVIEWS, codes=codes))
    if isinstance(entered, NotForThem):
        return entered
    rows = [*_items(asked, auditing, most + 1), *_hits(asked, auditing, most + 1)]
    rows.sort(key=lambda row: (row.due_at, row.id))
    if asked.overdue_only:
        rows = [row for row in rows if row.is_overdue]
    shown = rows[:most]
    after = DuePlace(shown[-1].due_at, shown[-1].id) if len(rows) > most else None
    actors = {row.worker: row.raised_at for row in shown if row.worker is not None}
    return QueueAnswer(entered, tuple(shown), auditing.workers_at(actors), after)


def _items(asked: QueueAsked, auditing: Auditing, most: int) -> Sequence[QueueRow]:
    if not asked.kinds:
        return []
    reviews, now = PostgresReviews(auditing.work.connection), auditing.work.now
    items = reviews.waiting(asked.kinds, after=asked.after, most=most)
    standing = reviews.standing([item.id for item in items])
    return [
        QueueRow(
            item.id,
            ItemKind(item.kind),
            worker_in(item),
            item.persons,
            item.raised_at,
            item.due_at,
            standing[item.id].step,
            item.due_at < now,
        )
        for item in items
    ]


def _hits(asked: QueueAsked, auditing: Auditing, most: int) -> Sequence[QueueRow]:
    if not asked.with_hits:
        return []
    wanted = HitFilter(standings=STILL_OPEN, after=asked.after, leave_out=ALWAYS)
    found = PostgresHits(auditing.work.connection).listed(wanted, most=most)
    return [_of_hit(hit, auditing.work.now) for hit in found]


def _of_hit(hit: Hit, now: datetime) -> QueueRow:
    return QueueRow(
        hit.id,
        hit.rule,
        None if hit.practitioner is None else f"{_PRACTITIONER}{hit.practitioner}",
        () if hit.person is None else (PersonId(hit.person),),
        hit.at,
        hit.due_at,
        Step(hit.standing.value),
        hit.due_at < now,
    )
