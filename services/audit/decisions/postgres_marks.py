"""Decisions by what marks them, in PostgreSQL: derived when the ledger tells of them."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Connection, text

from consent.decisions.states import DecisionState, state_of
from consent.ledger.fields import CODE_TEXT
from consent.model import SharingDecision
from schemas.identifiers import DecisionId
from services.audit.asked import AuditAsked, AuditQuestion, NotForThem
from services.audit.decisions.marks import SOONEST_FIRST, DecisionMark, MarkRow, marks_of
from services.audit.index.postgres_index import decisions_in
from services.audit.looks import AuditedWorker, worker_of
from services.audit.postgres_answers import PAGE, Auditing
from services.decisions.documents import decision_from_document
from services.ledger.bound_tables import DECISIONS

SOON = timedelta(days=30)
"""What ends within so long is near its end."""
MOST_MARKED = 2_000
"""No more decisions are read for one page."""
_NEWEST = """
    CROSS JOIN LATERAL (
        SELECT * FROM sharing_decision WHERE decision_id = s.decision_id
        ORDER BY version DESC LIMIT 1) AS d
"""
# By a door of its own (migration 0046_audit): whoever marks decisions reads no others.
_BESIDE = text("SELECT decision_id, document FROM decisions_beside(CAST(:ids AS text[]))")
_READ = text(f"""
    SELECT d.* FROM unnest(CAST(:ids AS text[])) AS s (decision_id) {_NEWEST}
""")  # noqa: S608 as above
_FORGET = text("DELETE FROM audit_decision WHERE decision_id = ANY(:ids)")
_ADD = text("""
    INSERT INTO audit_decision (mark, at, decision_id, until)
    SELECT * FROM unnest(CAST(:marks AS text[]), CAST(:ats AS timestamptz[]),
        CAST(:ids AS text[]), CAST(:untils AS timestamptz[]))
    ON CONFLICT DO NOTHING
""")
_BACK = text("""
    SELECT mark, at, decision_id, until FROM audit_decision
    WHERE mark = :mark AND (at, decision_id) < (:at, :id) AND at >= :since
      AND (until IS NULL OR until > :now) AND decision_id <> ALL(CAST(:fresh AS text[]))
    ORDER BY at DESC, decision_id DESC LIMIT :most
""")
_ON = text("""
    SELECT mark, at, decision_id, until FROM audit_decision
    WHERE mark = :mark AND (at, decision_id) > (:at, :id) AND at < :until
      AND decision_id <> ALL(CAST(:fresh AS text[]))
    ORDER BY at, decision_id LIMIT :most
""")


def mark_anew(connection: Connection, decisions: Collection[DecisionId]) -> None:
    """Derive the marks of these, and of all others about the same people, and write them."""
    rows = _derived(connection, decisions)
    if not rows:
        return
    connection.execute(_FORGET, {"ids": sorted(rows)})
    every = [one for each in rows.values() for one in each]
    connection.execute(
        _ADD,
        {
            "marks": [one.mark.value for one in every],
            "ats": [one.at for one in every],
            "ids": [one.decision for one in every],
            "untils": [one.until for one in every],
        },
    )


def _derived(
    connection: Connection, decisions: Collection[DecisionId]
) -> Mapping[str, Sequence[MarkRow]]:
    """The marks of these and of all others about the same people, by decision."""
    if not decisions:
        return {}
    found = connection.execute(_BESIDE, {"ids": sorted(decisions)})
    read = [decision_from_document(bytes(row.document)) for row in found]
    about: dict[str, list[SharingDecision]] = {}
    for one in read:
        for person in one.subjects:
            about.setdefault(person, []).append(one)
    return {one.id: marks_of(one, _beside(one, about)) for one in read}


def _beside(
    decision: SharingDecision, about: Mapping[str, Sequence[SharingDecision]]
) -> Iterable[SharingDecision]:
    return {o.id: o for person in decision.subjects for o in about[person]}.values()


class MarkPlace(NamedTuple):
    """Where a decision is among those of a mark: what a page begins after."""

    at: datetime
    decision: str


@dataclass(frozen=True, slots=True)
class MarkedDecision:
    """A decision as it stands, with all its marks. `holds`: it is as it was written."""

    decision: SharingDecision
    state: DecisionState
    marks: tuple[DecisionMark, ...]
    holds: bool


@dataclass(frozen=True, slots=True)
class DecisionsAnswer:
    """A page of decisions of one mark. `next` is where the page after it begins."""

    entered: UUID
    mark: DecisionMark
    found: tuple[MarkedDecision, ...]
    workers: Mapping[str, AuditedWorker]
    next: MarkPlace | None


@dataclass(frozen=True, slots=True)
class _Listed:
    """Which rows of a mark are listed: after `start`, in the order of the list."""

    mark: DecisionMark
    start: MarkPlace
    since: datetime
    now: datetime
    until: datetime

    @property
    def comes(self) -> bool:
        """Whether it is of something to come."""
        return self.mark in SOONEST_FIRST

    def takes(self, row: MarkRow) -> bool:
        """As the queries of what is stored do."""
        if row.mark is not self.mark:
            return False
        place = MarkPlace(row.at, row.decision)
        if self.comes:
            return self.start < place and row.at < self.until
        is_listed = row.until is None or row.until > self.now
        return place < self.start and row.at >= self.since and is_listed


class MarkedDecisions:
    """Decisions by mark, as one transaction sees them."""

    def __init__(self, auditing: Auditing) -> None:
        self._auditing = auditing
        self._connection = auditing.work.connection

    def of(
        self,
        mark: DecisionMark,
        *,
        after: MarkPlace | None = None,
        since: datetime | None = None,
        within: timedelta = SOON,
        agency: str | None = None,
        most: int = PAGE,
    ) -> DecisionsAnswer | NotForThem:
        """A page of the decisions of a mark: what is to come soonest first, else the newest first.

        `within` is how far what is to come may lie ahead, `since` how far back the others may;
        `agency` is that of whoever recorded it, as they stood then. No more than MOST_MARKED are
        read for a page: then it may be short, and still have a next one.
        """
        now = self._auditing.work.now
        until = now + within if mark in SOONEST_FIRST else None
        codes = (mark, *_agency_as_code(agency))
        asked = AuditAsked(AuditQuestion.DECISIONS, codes=codes, since=since, until=until)
        entered = self._auditing.enter(asked)
        if isinstance(entered, NotForThem):
            return entered
        start = after or MarkPlace(now if mark in SOONEST_FIRST else _END, "")
        listed = _Listed(mark, start, since or _BEGINNING, now, now + within)
        found, last = self._page(listed, agency, most)
        return DecisionsAnswer(entered, mark, tuple(found), self._recorders(found), last)

    def _page(
        self, listed: "_Listed", agency: str | None, most: int
    ) -> tuple[Sequence[MarkedDecision], MarkPlace | None]:
        """Those of an agency, or all; and after which the next page begins, if there is one."""
        found: list[MarkedDecision] = []
        before: MarkPlace | None = None
        for seen, (place, one, recorded_in) in enumerate(self._read_on(listed, most + 1)):
            if len(found) == most or seen == max(most, MOST_MARKED):
                return found, before
            before = place
            if agency in {None, recorded_in}:
                found.append(one)
        return found, None

    def _read_on(
        self, listed: "_Listed", at_once: int
    ) -> Iterator[tuple[MarkPlace, MarkedDecision, str | None]]:
        """Each with its place and the agency that recorded it, to the end of the list."""
        while True:
            rows = self._rows(listed, at_once)
            read = {one.decision.id: one for one in self.read([row.decision for row in rows])}
            workers = self._recorders(read.values())
            for row in rows:
                place, one = MarkPlace(row.at, row.decision), read.get(DecisionId(row.decision))
                listed = replace(listed, start=place)
                if one is not None:
                    by = one.decision.circumstances.recorded_by
                    yield place, one, None if by is None else worker_of(by, workers).agency_code
            if len(rows) < at_once:
                return

    def _recorders(self, found: Iterable[MarkedDecision]) -> Mapping[str, AuditedWorker]:
        """Who recorded these, as they stood then."""
        told = [one.decision for one in found]
        actors = {a: one.known_at for one in told if (a := one.circumstances.recorded_by)}
        return self._auditing.workers_at(actors)

    def _rows(self, listed: "_Listed", most: int) -> list[MarkRow]:
        """From the index, and derived now for decisions of which newer entries tell."""
        new = self._auditing.entries.fresh.entries
        fresh = _derived(self._connection, decisions_in(entry for _, entry in new))
        asked = {
            "mark": listed.mark.value,
            "at": listed.start.at,
            "id": listed.start.decision,
            "since": listed.since,
            "now": listed.now,
            "until": listed.until,
            "fresh": sorted(fresh),
            "most": most,
        }
        stored = self._connection.execute(_ON if listed.comes else _BACK, asked)
        rows = [MarkRow(listed.mark, row.at, row.decision_id, row.until) for row in stored]
        rows += [row for each in fresh.values() for row in each if listed.takes(row)]
        return sorted(rows, key=lambda r: (r.at, r.decision), reverse=not listed.comes)[:most]

    def read(self, ids: Sequence[str]) -> Sequence[MarkedDecision]:
        """The decisions of these ids in this order, as they stand."""
        work = self._auditing.work
        fresh = _derived(self._connection, [DecisionId(one) for one in ids])
        marks = {one: {row.mark for row in fresh.get(one, ())} for one in ids}
        found = {}
        for row in self._connection.execute(_READ, {"ids": list(ids)}):
            decision = decision_from_document(bytes(row.document))
            found[row.decision_id] = MarkedDecision(
                decision,
                state_of(decision, work.now),
                tuple(sorted(marks[row.decision_id])),
                work.bound.holds(DECISIONS, row),
            )
        return [found[one] for one in ids if one in found]


_BEGINNING = datetime.min.replace(tzinfo=UTC)
_END = datetime.max.replace(tzinfo=UTC)


def _agency_as_code(agency: str | None) -> tuple[str, ...]:
    """An agency's code as an entry may hold it; one that reads like a number is not entered."""
    code = "" if agency is None else f"agency:{agency.lower()}"
    return (code,) if re.fullmatch(CODE_TEXT, code) else ()
