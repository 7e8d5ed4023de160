"""What auditors ask of the ledger, answered in one transaction: entered first, told afterwards."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from consent.ledger import LedgerEntry
from consent.ledger.events import PROFILE_READS_REFUSED, LedgerEvent
from consent.ledger.fields import OPAQUE_ID
from schemas.identifiers import PersonId
from schemas.records.message import Subject
from services.audit.asked import AuditAsked, Auditor, AuditQuestion, NotForThem, enter_question
from services.audit.index.entries import GROUPS, Group, events_of
from services.audit.index.postgres_entries import (
    LATEST,
    MOST_READ,
    AuditedEntries,
    EntryPlace,
    Wanted,
)
from services.audit.looks import (
    VISIT_GAP,
    Access,
    Answered,
    AuditedVisit,
    AuditedWorker,
    access_from,
    visits_in,
)
from services.people.persons.subjects import SubjectInvalidError, subject_from_text
from services.work import UnitOfWork

PAGE = 50
_PRACTITIONER = "practitioner:"
_SHOWN_OF = GROUPS[Group.LOOKS] | PROFILE_READS_REFUSED
_WORKERS = text("""
    SELECT asked.id, p.name, p.job_title, w.role, w.agency_code, a.name AS agency
    FROM unnest(CAST(:ids AS text[]), CAST(:ats AS timestamptz[])) AS asked (id, at)
        JOIN practitioner p ON p.practitioner_id = asked.id
        LEFT JOIN LATERAL (
            SELECT m.role, m.agency_code FROM membership m WHERE m.practitioner_id = asked.id
            ORDER BY m.known_at <= asked.at DESC,
                     CASE WHEN m.known_at <= asked.at THEN m.state ELSE -m.state END DESC
            LIMIT 1) AS w ON true
        LEFT JOIN agency a ON a.agency_code = w.agency_code
""")
_OF_AGENCY = text("""
    SELECT DISTINCT practitioner_id FROM membership WHERE agency_code = :agency
    ORDER BY practitioner_id LIMIT 5000
""")


@dataclass(frozen=True, slots=True)
class VisitsAnswer:
    """Who looked: visits, the newest first. `next` is where older ones begin."""

    entered: UUID
    subjects: tuple[PersonId, ...]
    visits: tuple[AuditedVisit, ...]
    workers: Mapping[str, AuditedWorker]
    next: EntryPlace | None


@dataclass(frozen=True, slots=True)
class AccessAnswer:
    """Single entries, the newest first. `next` is where older ones begin."""

    entered: UUID
    accesses: tuple[Access, ...]
    workers: Mapping[str, AuditedWorker]
    next: EntryPlace | None


@dataclass(frozen=True, slots=True)
class RefusalsAnswer:
    """How often what was refused and why, the most frequent first, and the newest of them."""

    entered: UUID
    counts: tuple[tuple[LedgerEvent, str, int], ...]
    accesses: tuple[Access, ...]
    workers: Mapping[str, AuditedWorker]
    next: EntryPlace | None


@dataclass(frozen=True, slots=True)
class AccessAsked:
    """Filters of a list of entries; none is all. `until` is not in the time."""

    since: datetime
    until: datetime
    groups: frozenset[Group]
    subjects: tuple[PersonId, ...] = ()
    actor: str | None = None
    agency: str | None = None
    purpose: str | None = None
    before: EntryPlace = LATEST
    answered: Answered | None = None

    def only(self, entry: LedgerEntry) -> bool:
        """Whether an entry has the purpose and the answer that are asked for."""
        told = access_from(0, entry)
        return self.purpose in {None, told.purpose} and self.answered in {None, told.answered}

    def entered_as(self, question: AuditQuestion) -> AuditAsked:
        """The question as the ledger has it."""
        named = [] if self.actor is None else [self.actor.partition(":")[2]]
        chosen = (self.purpose, self.answered)
        codes = [*self.groups, *(one for one in chosen if one is not None)]
        opaque = tuple(one for one in named if re.fullmatch(OPAQUE_ID, one))
        return AuditAsked(question, self.subjects, opaque, tuple(codes), self.since, self.until)


class Auditing:
    """One transaction and who asks in it; the caller shows nothing before it is committed."""

    def __init__(self, work: UnitOfWork, by: Auditor) -> None:
        self.work = work
        self.by = by
        self.entries = AuditedEntries(work.connection)

    def enter(self, asked: AuditAsked) -> UUID | NotForThem:
        """Enter a question; see enter_question."""
        return enter_question(asked, by=self.by, ledger=self.work.ledger, at=self.work.now)

    def who_looked(
        self,
        subjects: Sequence[PersonId],
        since: datetime,
        until: datetime,
        *,
        before: EntryPlace | None = None,
        most: int = PAGE,
    ) -> VisitsAnswer | NotForThem:
        """Who looked at any of these, or was refused, in this time: by visit, the newest first."""
        about = tuple(subjects)
        entered = self.enter(AuditAsked(AuditQuestion.LOOKS, about, since=since, until=until))
        if isinstance(entered, NotForThem):
            return entered
        if not about:
            return VisitsAnswer(entered, (), (), {}, None)
        wanted = Wanted(_SHOWN_OF, frozenset(about), since=since, until=until)
        visits, after = self._visits(wanted, before, most)
        workers = self.workers(visit.last for visit in visits)
        return VisitsAnswer(entered, about, tuple(visits), workers, after)

    def _visits(
        self, wanted: Wanted, before: EntryPlace | None, most: int
    ) -> tuple[Sequence[AuditedVisit], EntryPlace | None]:
        """A page of visits. Entries a gap above the page tell which of its first belong above it.

        A visit is told once all that may belong to it is read: when older ones lie a gap below.
        """
        edge = LATEST if before is None else EntryPlace(before.at + VISIT_GAP, LATEST.seq)
        accesses: list[Access] = []
        while True:
            page = self.entries.newest(replace(wanted, before=edge), most=4 * most)
            accesses += [access_from(one.place.seq, one.entry) for one in page.found]
            visits = [v for v in visits_in(accesses) if before is None or _place(v) < before]
            first = visits[:most]
            if page.next is None:
                return first, _place(first[-1]) if len(visits) > most else None
            edge = page.next
            is_whole = all(visit.first - VISIT_GAP > edge.at for visit in first)
            if (len(first) == most and is_whole) or len(accesses) >= MOST_READ:
                return first, _place(first[-1]) if first else edge

    def accesses(
        self,
        asked: AccessAsked,
        *,
        question: AuditQuestion = AuditQuestion.ACCESS,
        most: int = PAGE,
    ) -> AccessAnswer | NotForThem:
        """A page of single entries by what is asked for."""
        entered = self.enter(asked.entered_as(question))
        if isinstance(entered, NotForThem):
            return entered
        rows, after = self.page_of(asked, most=most)
        return AccessAnswer(entered, tuple(rows), self.workers(rows), after)

    def page_of(
        self, asked: AccessAsked, *, most: int, refused_only: bool = False
    ) -> tuple[Sequence[Access], EntryPlace | None]:
        """The same without its entry: for who has entered the question already."""
        actors = frozenset[str]() if asked.actor is None else frozenset({asked.actor})
        if asked.agency is not None:
            found = self.work.connection.execute(_OF_AGENCY, {"agency": asked.agency}).scalars()
            theirs = frozenset(f"{_PRACTITIONER}{one}" for one in found)
            actors = theirs & actors if actors else theirs
            if not actors:
                return [], None
        wanted = Wanted(
            events_of(asked.groups),
            frozenset(asked.subjects),
            actors,
            asked.since,
            asked.until,
            asked.before,
            refused_only=refused_only or asked.answered is Answered.REFUSED,
            only=asked.only,
        )
        page = self.entries.newest(wanted, most=most)
        return [access_from(one.place.seq, one.entry) for one in page.found], page.next

    def refusals(
        self, since: datetime, until: datetime, *, before: EntryPlace = LATEST, most: int = PAGE
    ) -> RefusalsAnswer | NotForThem:
        """What was refused in this time: how often by kind and why, and a page of them."""
        asked = AccessAsked(since, until, frozenset({Group.REFUSALS}), before=before)
        entered = self.enter(asked.entered_as(AuditQuestion.REFUSALS))
        if isinstance(entered, NotForThem):
            return entered
        counts = self.entries.refusals(events_of(asked.groups), since, until)
        rows, after = self.page_of(asked, most=most, refused_only=True)
        return RefusalsAnswer(entered, tuple(counts), tuple(rows), self.workers(rows), after)

    def workers(self, accesses: Iterable[Access]) -> Mapping[str, AuditedWorker]:
        """Who the actors are, as they stood at the newest of these; only staff are named."""
        newest: dict[str, datetime] = {}
        for access in accesses:
            newest[access.actor] = max(access.at, newest.get(access.actor, access.at))
        return self.workers_at(newest)

    def workers_at(self, actors: Mapping[str, datetime]) -> Mapping[str, AuditedWorker]:
        """Who these actors are, each as they stood at a moment."""
        ids = {a.removeprefix(_PRACTITIONER): at for a, at in actors.items() if ":" in a}
        asked = {"ids": list(ids), "ats": list(ids.values())}
        return {
            f"{_PRACTITIONER}{row.id}": AuditedWorker(
                f"{_PRACTITIONER}{row.id}",
                row.name,
                row.role,
                row.job_title,
                row.agency,
                row.agency_code,
            )
            for row in self.work.connection.execute(_WORKERS, asked)
        }


def _place(visit: AuditedVisit) -> EntryPlace:
    return EntryPlace(visit.last.at, visit.last.seq)


# Whom an auditor means: by a number that is typed, never by a name.


def family_named(typed: str, work: UnitOfWork) -> tuple[PersonId, ...]:
    """Everybody who is one with whom a record number or `SCHEME:VALUE` names; nobody if unknown.

    Raises SubjectInvalidError for what can be nobody's.
    """
    subject = subject_from_text(typed if ":" in typed else f"person:{typed}")
    if isinstance(subject, Subject):
        found = work.persons.resolve([subject])[0].person
    else:
        found = subject if work.persons.exists(subject) else None
    return () if found is None else tuple(sorted(work.clusters.all_of([found])))


def place_in_text(place: EntryPlace | None) -> str | None:
    """Where a page begins, as it stands in an address or after `--before`."""
    return None if place is None else f"{place.at.isoformat()}~{place.seq}"


def place_from_text(typed: str) -> EntryPlace:
    """Back from place_in_text. Raises SubjectInvalidError for what it does not give."""
    at, tilde, seq = typed.partition("~")
    try:
        place = EntryPlace(datetime.fromisoformat(at), int(seq))
    except ValueError:
        raise SubjectInvalidError("is-no-place-of-a-page") from None
    if not tilde or place.at.utcoffset() != timedelta(0):
        raise SubjectInvalidError("is-no-place-of-a-page")
    return place
