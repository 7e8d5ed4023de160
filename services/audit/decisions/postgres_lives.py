"""The whole life of one decision: its states, what it let through, what followed when it ended."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from consent.decisions.states import DecisionState, state_of
from consent.ledger.events import PROFILE_READS_REFUSED, LedgerEvent
from consent.ledger.fields import OPAQUE_ID
from consent.model import SharingDecision
from schemas.identifiers import DecisionId
from schemas.uk_time import uk_day
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.index.entries import ASKED_ABOUT, GROUPS, Group, thing
from services.audit.index.postgres_entries import MOST_READ, Found, Wanted
from services.audit.looks import Access, Answered, AuditedWorker, access_from, worker_of
from services.audit.postgres_answers import Auditing
from services.decisions.documents import decision_from_document
from services.ledger.bound_tables import DECISIONS
from services.work import UnitOfWork

_VERSIONS = text("SELECT * FROM sharing_decision WHERE decision_id = :id ORDER BY version")
_PLACES = text("""
    SELECT e.entry_id, l.idx FROM ledger_entry AS e JOIN ledger_leaf AS l ON l.entry_seq = e.seq
    WHERE e.seq = ANY(CAST(:seqs AS bigint[]))
""")


@dataclass(frozen=True, slots=True)
class DecisionVersion:
    """One state of a decision. `holds`: its seal is that of what was written."""

    version: int
    recorded_at: datetime
    state: DecisionState
    holds: bool


@dataclass(frozen=True, slots=True)
class LifeEvent:
    """What the ledger tells of it: an entry, by whom, and its place for a proof, if it has one."""

    entry: UUID
    at: datetime
    event: LedgerEvent
    actor: str
    place: int | None


@dataclass(frozen=True, slots=True)
class LetThrough:
    """What it let one agency see: looks that rest on it, and attempts refused since it ended."""

    agency: str
    looks: int
    workers: int
    last: datetime | None
    refused_since: int


@dataclass(frozen=True, slots=True)
class DayOfDecision:
    """One day: looks that rest on it, and attempts refused since it ended."""

    day: date
    through: int
    refused: int


@dataclass(frozen=True, slots=True)
class DecisionLife:
    """One decision, told whole. `is_cut`: there are more looks than were counted."""

    entered: UUID
    decision: SharingDecision
    state: DecisionState
    versions: tuple[DecisionVersion, ...]
    events: tuple[LifeEvent, ...]
    let_through: tuple[LetThrough, ...]
    by_day: tuple[DayOfDecision, ...]
    workers: Mapping[str, AuditedWorker]
    ended_at: datetime | None
    first_refused_at: datetime | None
    purged_at: datetime | None
    is_cut: bool


def life_of(decision: DecisionId, auditing: Auditing) -> DecisionLife | NotForThem | None:
    """Everything that became of a decision; None where there is no such one. Entered either way."""
    opaque = (decision,) if re.fullmatch(OPAQUE_ID, decision) else ()
    entered = auditing.enter(AuditAsked(AuditQuestion.DECISION, named=opaque))
    if isinstance(entered, NotForThem):
        return entered
    work = auditing.work
    rows = work.connection.execute(_VERSIONS, {"id": decision}).all()
    if not rows:
        return None
    versions, newest = _versions(rows, work)
    named = Wanted(ASKED_ABOUT, frozenset({thing("decision", decision)}))
    told = auditing.entries.newest(named, most=500).found
    ended_at = _ended_at(newest, work.now)
    looks, is_cut = _looks(newest, auditing)
    workers = auditing.workers(looks)
    events = _events(told, auditing)
    purged = [e.at for e in events if e.event is LedgerEvent.PROFILE_PURGED]
    refused = [a.at for a in looks if ended_at is not None and a.at >= ended_at and _is_no(a)]
    return DecisionLife(
        entered,
        newest,
        state_of(newest, work.now),
        versions,
        events,
        let_through(newest.id, looks, workers, ended_at),
        by_day(newest.id, looks, ended_at),
        {**workers, **auditing.workers_at({e.actor: e.at for e in events})},
        ended_at,
        min(refused, default=None),
        min(purged, default=None),
        is_cut,
    )


def _versions(
    rows: Sequence[Row[Any]], work: UnitOfWork
) -> tuple[tuple[DecisionVersion, ...], SharingDecision]:
    """Its states as they were written, and the decision as it stands."""
    read = [decision_from_document(bytes(row.document)) for row in rows]
    versions = tuple(
        DecisionVersion(
            row.version,
            row.recorded_at,
            state_of(one, row.recorded_at),
            work.bound.holds(DECISIONS, row),
        )
        for row, one in zip(rows, read, strict=True)
    )
    return versions, read[-1]


def _ended_at(decision: SharingDecision, now: datetime) -> datetime | None:
    ends = (
        decision.withdrawn_at,
        decision.superseded_at,
        decision.invalidated_at,
        decision.until,
    )
    return min((end for end in ends if end is not None and end <= now), default=None)


def _looks(decision: SharingDecision, auditing: Auditing) -> tuple[Sequence[Access], bool]:
    """What was looked at or tried about its people since it is known, the newest first."""
    shown = GROUPS[Group.LOOKS] | PROFILE_READS_REFUSED
    persons = frozenset(auditing.work.clusters.all_of(decision.subjects))
    page = auditing.entries.newest(
        Wanted(shown, frozenset(persons), since=decision.known_at), most=MOST_READ
    )
    return [access_from(f.place.seq, f.entry) for f in page.found], page.next is not None


def _is_no(access: Access) -> bool:
    return access.answered is Answered.REFUSED


def let_through(
    decision: str,
    looks: Iterable[Access],
    workers: Mapping[str, AuditedWorker],
    ended_at: datetime | None,
) -> tuple[LetThrough, ...]:
    """By agency what rests on it, and what was refused to that agency since it ended."""
    by_agency: dict[str, list[Access]] = {}
    for look in looks:
        worker = worker_of(look.actor, workers)
        by_agency.setdefault(worker.agency or worker.actor, []).append(look)
    found = []
    for agency, theirs in sorted(by_agency.items()):
        resting = [a for a in theirs if decision in a.decisions]
        since = [a for a in theirs if ended_at is not None and a.at >= ended_at and _is_no(a)]
        if resting or since:
            last = max((a.at for a in resting), default=None)
            actors = {a.actor for a in resting}
            found.append(LetThrough(agency, len(resting), len(actors), last, len(since)))
    return tuple(found)


def by_day(
    decision: str, looks: Iterable[Access], ended_at: datetime | None
) -> tuple[DayOfDecision, ...]:
    """The same by the day, of days on which there was something."""
    through: Counter[date] = Counter()
    refused: Counter[date] = Counter()
    for look in looks:
        through[uk_day(look.at)] += decision in look.decisions
        refused[uk_day(look.at)] += ended_at is not None and look.at >= ended_at and _is_no(look)
    days = sorted(day for day in through if through[day] or refused[day])
    return tuple(DayOfDecision(day, through[day], refused[day]) for day in days)


def _events(told: Iterable[Found], auditing: Auditing) -> tuple[LifeEvent, ...]:
    ordered = sorted(told, key=lambda one: one.place)
    asked = {"seqs": [one.place.seq for one in ordered]}
    places = {
        row.entry_id: int(row.idx) for row in auditing.work.connection.execute(_PLACES, asked)
    }
    return tuple(
        LifeEvent(
            one.entry.entry_id,
            one.entry.at.astimezone(UTC),
            one.entry.event,
            one.entry.actor,
            places.get(one.entry.entry_id),
        )
        for one in ordered
    )
