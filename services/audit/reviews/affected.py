"""Whom a breach affects: families that a worker was shown without a reason that can be found.

A reason is what others have given them (a case-load, cover, a referral), or work with the family in
the time after. It opens no record, and says nothing of why nobody finds one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.index.entries import GROUPS, Group, thing
from services.audit.index.postgres_entries import LATEST, MOST_READ, AuditedEntries, Wanted
from services.audit.looks import Access, Answered, AuditedWorker, access_from
from services.audit.outcomes import Outcome, Step
from services.audit.postgres_answers import Auditing
from services.audit.reviews.postgres import PostgresReviews, WaitingItem
from services.audit.reviews.waiting import LATER_WORK, worker_in
from services.audit.unusual.hits import HitStanding
from services.audit.unusual.looking import CASE_LOAD, grounds_at
from services.audit.unusual.model import ActKind, LedgerAct
from services.audit.unusual.postgres import PostgresKnown
from services.audit.unusual.postgres_hits import PostgresHits
from services.audit.unusual.settings import unusual_rules
from services.work import UnitOfWork

PERIOD_BEFORE = timedelta(days=90)
"""So far back from the look that was a breach others of the same worker are asked about."""
_GIVEN = CASE_LOAD | {RelationshipGround.REFERRAL}
_SHOWN_SINCE = timedelta(days=1)
_MOST_LOOKS = 1_000
_PRACTITIONER = "practitioner:"


@dataclass(frozen=True, slots=True)
class Breach:
    """What was found to be one: of whose act, when, and about whom."""

    review: str
    worker: str
    at: datetime
    persons: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True)
class AffectedFamily:
    """A family by its number, with the looks at it that nothing explains."""

    person: PersonId
    looks: int
    first: datetime
    last: datetime
    is_of_review: bool


@dataclass(frozen=True, slots=True)
class AffectedAnswer:
    """Who is affected, by number. `is_cut`: there are more looks than were read."""

    entered: UUID
    breach: Breach
    since: datetime
    until: datetime
    families: tuple[AffectedFamily, ...]
    workers: Mapping[str, AuditedWorker]
    is_cut: bool


def breach_of(review: str, work: UnitOfWork) -> Breach | None:
    """The breach that a review has found; None of any other review."""
    reviews = PostgresReviews(work.connection)
    item, standing = reviews.item(review), reviews.standing([review])[review]
    if item is not None:
        worker = worker_in(item)
        is_one = standing.step is Step.CLOSED and standing.outcome is Outcome.BREACH
        return Breach(review, worker, item.raised_at, item.persons) if is_one and worker else None
    hit = PostgresHits(work.connection).find(review)
    if hit is None or hit.standing is not HitStanding.BREACH or hit.practitioner is None:
        return None
    persons = () if hit.person is None else (PersonId(hit.person),)
    return Breach(review, f"{_PRACTITIONER}{hit.practitioner}", hit.at, persons)


def families_affected(
    review: str,
    auditing: Auditing,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> AffectedAnswer | NotForThem | None:
    """Families that the worker of a breach was shown without a reason, by number.

    None where the review is not one that found a breach. Entered either way.
    """
    breach = breach_of(review, auditing.work)
    named = () if breach is None else (review,)
    entered = auditing.enter(
        AuditAsked(AuditQuestion.REVIEWS, named=named, since=since, until=until)
    )
    if isinstance(entered, NotForThem) or breach is None:
        return entered if isinstance(entered, NotForThem) else None
    first, last = since or breach.at - PERIOD_BEFORE, until or auditing.work.now
    looks, is_cut = _looks_of(breach.worker, first, until or LATEST.at, auditing.entries)
    unexplained = _without_reason(looks, breach.worker, auditing)
    workers = auditing.workers_at({breach.worker: breach.at})
    families = tuple(_families(unexplained, breach))
    return AffectedAnswer(entered, breach, first, last, families, workers, is_cut)


def _looks_of(
    worker: str, since: datetime, until: datetime, entries: AuditedEntries
) -> tuple[Sequence[Access], bool]:
    """What they were shown: on our pages, and by other systems that asked in their name."""
    theirs = thing("practitioner", worker.removeprefix(_PRACTITIONER))
    asked = frozenset({LedgerEvent.ACCESS_EVALUATED})
    found, is_cut = dict[int, Access](), False
    for wanted in (
        Wanted(GROUPS[Group.LOOKS], actors=frozenset({worker}), since=since, until=until),
        Wanted(asked, frozenset({theirs}), since=since, until=until),
    ):
        page = entries.newest(wanted, most=MOST_READ)
        found |= {one.place.seq: access_from(one.place.seq, one.entry) for one in page.found}
        is_cut = is_cut or page.next is not None
    return [one for one in found.values() if one.answered is not Answered.REFUSED], is_cut


def _without_reason(looks: Sequence[Access], worker: str, auditing: Auditing) -> list[Access]:
    """Looks without those at people with whom something explains them; a look may be left none."""
    work = auditing.work
    by = worker.removeprefix(_PRACTITIONER)
    acts = [LedgerAct(one.seq, one.at, ActKind.LOOK, by, one.persons) for one in looks]
    ports = (work.connection, work.bound, work.clusters, unusual_rules(None), work.outside.weights)
    known = PostgresKnown(*ports).known_of_relationships(acts)
    worked = _worked(looks, worker, auditing)
    left = []
    for look in looks:
        persons = tuple(
            person
            for person in look.persons
            if not grounds_at(known.relationships.get((by, person), ()), look.at) & _GIVEN
            and not any(look.at < at <= look.at + LATER_WORK for at in worked.get(person, ()))
        )
        if persons:
            left.append(replace(look, persons=persons))
    return left


def _worked(
    looks: Sequence[Access], worker: str, auditing: Auditing
) -> Mapping[str, Collection[datetime]]:
    """When they worked with whom, since the first of these looks."""
    if not looks:
        return {}
    first = min(look.at for look in looks)
    wanted = Wanted(GROUPS[Group.WORK], actors=frozenset({worker}), since=first)
    found: dict[str, list[datetime]] = {}
    for one in auditing.entries.newest(wanted, most=MOST_READ).found:
        for person in access_from(one.place.seq, one.entry).persons:
            found.setdefault(person, []).append(one.entry.at)
    return found


def _families(looks: Iterable[Access], breach: Breach) -> Iterable[AffectedFamily]:
    """By number; those whom the review is about are there whatever explains them."""
    at: dict[str, list[datetime]] = {person: [] for person in breach.persons}
    for look in looks:
        for person in look.persons:
            at.setdefault(person, []).append(look.at)
    for person, times in sorted(at.items()):
        seen = times or [breach.at]
        is_of_review = person in breach.persons
        yield AffectedFamily(PersonId(person), len(times), min(seen), max(seen), is_of_review)


# Whom one act showed: what whoever closes a review as a breach is told at once.


def shown_beside(item: WaitingItem, work: UnitOfWork) -> tuple[PersonId, ...]:
    """Whose records the worker was shown about these people since then."""
    worker = worker_in(item)
    if worker is None or not item.persons:
        return item.persons
    page = AuditedEntries(work.connection).newest(
        Wanted(
            GROUPS[Group.LOOKS],
            frozenset(item.persons),
            frozenset({worker}),
            item.raised_at - _SHOWN_SINCE,
        ),
        most=_MOST_LOOKS,
    )
    shown = {p for f in page.found for p in access_from(f.place.seq, f.entry).persons}
    return tuple(map(PersonId, sorted({*shown, *item.persons})))
