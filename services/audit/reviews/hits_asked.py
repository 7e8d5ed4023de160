"""Hits as auditors ask for them: a list with figures of each rule, and one with what was beside it.

Each question is entered first, and refused to whoever is not information governance. Nothing here
opens a record: looks and later work are entries of the ledger, in codes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from schemas.uk_time import first_moment, uk_day
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.index.entries import GROUPS, Group, events_of
from services.audit.index.postgres_entries import Wanted
from services.audit.looks import Access, AuditedWorker, access_from
from services.audit.outcomes import FoundBecause
from services.audit.postgres_answers import PAGE, Auditing
from services.audit.reviews.waiting import records_after
from services.audit.unusual.hits import Hit, HitState, RuleFigures
from services.audit.unusual.looking import CASE_LOAD, grounds_at
from services.audit.unusual.model import ActKind, LedgerAct
from services.audit.unusual.postgres import PostgresKnown
from services.audit.unusual.postgres_hits import HitFilter, PostgresHits
from services.audit.unusual.reviewing import HitRefusal, review_hands, said_of
from services.audit.unusual.settings import UnusualSettings, unusual_rules

FIGURES_OF = timedelta(days=90)
"""Figures of rules are those of hits of so many days, unless others are asked for."""
_MOST_ACTS = 20
_A_DAY = timedelta(days=1)
_PRACTITIONER = "practitioner:"
_SEEN = events_of((Group.LOOKS, Group.REFUSALS, Group.SEARCHES, Group.EMERGENCIES))


@dataclass(frozen=True, slots=True)
class HitsAnswer:
    """A page of hits, the soonest due first, and how well each rule does. `next` begins another."""

    entered: UUID
    found: tuple[Hit, ...]
    figures: tuple[RuleFigures, ...]
    workers: Mapping[str, AuditedWorker]
    next: tuple[datetime, str] | None


def hits_asked(
    asked: HitFilter, auditing: Auditing, *, most: int = PAGE
) -> HitsAnswer | NotForThem:
    """Hits that nothing explains, by what is asked for; entered first."""
    codes = [str(one) for one in asked.standings or ()]
    codes += [] if asked.rule is None else [asked.rule.value]
    last = asked.until or uk_day(auditing.work.now)
    first = asked.since or last - FIGURES_OF
    since, until = first_moment(first), first_moment(last + _A_DAY)
    question = AuditAsked(AuditQuestion.UNUSUAL, (), (), tuple(codes), since, until)
    entered = auditing.enter(question)
    if isinstance(entered, NotForThem):
        return entered
    hits = PostgresHits(auditing.work.connection)
    found = hits.listed(asked, most=most + 1)
    shown = found[:most]
    following = (shown[-1].due_at, shown[-1].id) if len(found) > most else None
    by = {actor: hit.at for hit in shown if (actor := actor_of(hit)) is not None}
    figures = tuple(hits.figures(first, last))
    return HitsAnswer(entered, tuple(shown), figures, auditing.workers_at(by), following)


def actor_of(hit: Hit) -> str | None:
    """Whose act it is, as the ledger names them; None of a hit that is about a family alone."""
    return None if hit.practitioner is None else f"{_PRACTITIONER}{hit.practitioner}"


# One hit.


@dataclass(frozen=True, slots=True)
class BesideHit:
    """What may explain a hit: what the worker had with the family then, and what came after.

    `records` are how many the worker's kind of agency sent; `is_over` is whether the days are over
    in which work may still follow; `emergencies` are those about the family that day or the day
    before.
    """

    grounds: frozenset[RelationshipGround]
    has_case_load: bool
    work: tuple[Access, ...]
    records: int
    is_over: bool
    emergencies: tuple[Access, ...]


@dataclass(frozen=True, slots=True)
class HitAnswer:
    """One hit: what the rule saw, what may explain it, what was said; who looks may judge or not.

    `because` is by the number of a state the code that was given with it, for whoever may judge.
    """

    entered: UUID
    hit: Hit
    acts: tuple[Access, ...]
    beside: BesideHit | None
    states: tuple[HitState, ...]
    because: Mapping[int, FoundBecause]
    why_not: HitRefusal | None
    workers: Mapping[str, AuditedWorker]
    quiet_days: int


def hit_asked(hit_id: str, auditing: Auditing) -> HitAnswer | NotForThem | None:
    """One hit with what was beside it; None where there is none of this id. Entered either way."""
    work = auditing.work
    hit = PostgresHits(work.connection).find(hit_id)
    persons = () if hit is None or hit.person is None else (PersonId(hit.person),)
    named = () if hit is None else (hit_id,)
    entered = auditing.enter(AuditAsked(AuditQuestion.UNUSUAL, persons, named))
    if isinstance(entered, NotForThem) or hit is None:
        return entered if isinstance(entered, NotForThem) else None
    said, why_not = said_of(hit, by=auditing.by.actor, hands=review_hands(work))
    acts = _acts(hit, auditing)
    rules = unusual_rules(None)
    actors = {state.said_by: state.said_at for state in hit.states}
    actors |= {act.actor: act.at for act in acts}
    if (actor := actor_of(hit)) is not None:
        actors[actor] = hit.at
    return HitAnswer(
        entered,
        hit,
        acts,
        _beside(hit, rules, auditing),
        hit.states,
        {number: FoundBecause(words) for number, words in said.items() if words in _CODES},
        why_not,
        auditing.workers_at(actors),
        rules.review.quiet_days,
    )


_CODES = frozenset(FoundBecause)


def _acts(hit: Hit, auditing: Auditing) -> tuple[Access, ...]:
    """What was done about the family or by the worker that day, from the first act on."""
    wanted = Wanted(
        _SEEN,
        _family(hit, auditing),
        frozenset() if (actor := actor_of(hit)) is None else frozenset({actor}),
        min(first_moment(hit.day), hit.at),
        first_moment(hit.day + _A_DAY),
    )
    found = auditing.entries.newest(wanted, most=_MOST_ACTS).found
    return tuple(access_from(one.place.seq, one.entry) for one in reversed(found))


def _family(hit: Hit, auditing: Auditing) -> frozenset[str]:
    if hit.person is None:
        return frozenset()
    return frozenset(auditing.work.clusters.all_of([PersonId(hit.person)]))


def _beside(hit: Hit, rules: UnusualSettings, auditing: Auditing) -> BesideHit | None:
    """What was between worker and family; None of a hit that is not about both."""
    actor = actor_of(hit)
    if actor is None or hit.practitioner is None or hit.person is None:
        return None
    until = hit.at + timedelta(days=rules.case.work_within_days)
    family = _family(hit, auditing)
    worked = Wanted(GROUPS[Group.WORK], family, frozenset({actor}), hit.at, until)
    before, after = first_moment(hit.day - _A_DAY), first_moment(hit.day + _A_DAY)
    opened = Wanted(GROUPS[Group.EMERGENCIES], family, since=before, until=after)
    grounds = _grounds(hit.practitioner, hit.person, hit.at, rules, auditing)
    persons, within = [PersonId(hit.person)], until - hit.at
    return BesideHit(
        grounds,
        bool(grounds & CASE_LOAD),
        _entries(worked, auditing),
        records_after(actor, persons, hit.at, within, auditing),
        until <= auditing.work.now,
        _entries(opened, auditing),
    )


def _entries(wanted: Wanted, auditing: Auditing) -> tuple[Access, ...]:
    found = auditing.entries.newest(wanted, most=_MOST_ACTS).found
    return tuple(access_from(one.place.seq, one.entry) for one in found)


def _grounds(
    by: str, person: str, at: datetime, rules: UnusualSettings, auditing: Auditing
) -> frozenset[RelationshipGround]:
    """What was in force between them, by what was known then."""
    work = auditing.work
    act = LedgerAct(0, at, ActKind.LOOK, by, (person,))
    ports = (work.connection, work.bound, work.clusters, rules, work.outside.weights)
    known = PostgresKnown(*ports).known_of_relationships([act])
    return frozenset(grounds_at(known.states(act), at))
