"""Keeping a decision: its next version, its proof and the news of it go in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from consent.agreement import Agency
from consent.decisions.ages import NamedAgency
from consent.decisions.deciders import Deciders
from consent.errors import DecisionInvalidError
from consent.ledger import LedgerEntry, new_entry_id
from consent.model import SharingDecision
from consent.ports import Clock, Decisions, Ledger, Outbox, ProtectedPlaces
from schemas.envelope import PLAIN, Event, EventType
from schemas.identifiers import DecisionId, PersonId, PractitionerId
from schemas.records.message import Subject
from schemas.topics import SHARING_DECISIONS

# What this needs from the outside world. All calls join one transaction.


class Persons(Protocol):
    """Who decisions may be about."""

    def resolve_or_create(self, subject: Subject, *, at: datetime) -> PersonId:
        """The person with these identifiers; raises DecisionInvalidError on a contradiction."""

    def exists(self, person: PersonId) -> bool:
        """Whether there is such a person."""


Changed = tuple[SharingDecision, LedgerEntry]
"""A decision as it stands now, with the entry that proves what became of it."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Whoever does something about a decision, as far as it bears on what they may do alone.

    `case_load_since` is when the latest of their case-loads with everybody concerned began;
    `is_confirmed` that the family is with them and another hand than theirs says so. Without
    anything they are a stranger. `is_both_hands` only where families are invented. `also` are the
    other accounts of the same human being.
    """

    practitioner: PractitionerId | None = None
    agency: Agency | None = None
    agency_code: str | None = None
    case_load_since: datetime | None = None
    is_confirmed: bool = False
    is_both_hands: bool = False
    also: frozenset[PractitionerId] = frozenset()

    @property
    def accounts(self) -> frozenset[PractitionerId]:
        """Every account of theirs."""
        own = () if self.practitioner is None else (self.practitioner,)
        return self.also.union(own)

    def is_also(self, actor: str) -> bool:
        """Whether that, as the ledger names somebody, is another account of theirs."""
        return actor.removeprefix("practitioner:") in self.also

    @property
    def named_agency(self) -> NamedAgency | None:
        """Where they work; nobody's for an operator."""
        if self.agency is None or self.agency_code is None:
            return None
        return NamedAgency(self.agency, self.agency_code)

    @property
    def is_of_the_familys_own(self) -> bool:
        """Whether what they write down was asked of the family by who works with it."""
        return self.is_both_hands or self.is_confirmed or self.case_load_since is not None


STRANGER = Asker()

AgencyOf = Callable[[PractitionerId], Agency | None]
"""Where a practitioner works; None where nobody has that id any more."""


def _nowhere(practitioner: PractitionerId) -> Agency | None:
    del practitioner
    return None


@dataclass(frozen=True, slots=True)
class Deciding:
    """What recording works with, and for whom; every port joins one transaction.

    `notice_version` is the newest of the privacy notice that families are given. Without
    `agency_of` nobody's judgement stands for what another's agency gains.
    """

    persons: Persons
    decisions: Decisions
    outbox: Outbox
    ledger: Ledger
    clock: Clock
    places: ProtectedPlaces
    deciders: Deciders
    asker: Asker = STRANGER
    notice_version: str | None = None
    agency_of: AgencyOf = _nowhere


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answer: the decision as it stands now, and the ledger entry that proves it.

    `waiting` is what waits for a second hand: this decision or what was asked to become of it, or
    the part of it that `gaining` would be shown; None where all of it holds. It may be that it
    `waits_for_second_judge`.
    """

    decision: SharingDecision
    entry_id: UUID
    waiting: SharingDecision | None = None
    gaining: frozenset[Agency] = frozenset()
    waits_for_second_judge: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """Answer: it is written down, and in force where it is about anybody; no more is told."""


def keep(
    changed: Sequence[Changed], *, deciding: Deciding, beside: Sequence[LedgerEntry] = ()
) -> Recorded:
    """Keep these decisions as they stand now, each with its entry; gives the first's receipt."""
    now = deciding.clock.now()
    for decision, entry in changed:
        deciding.decisions.save(decision, at=now, actor=entry.actor)
        deciding.outbox.add(
            [news_of(person, decision.id, now) for person in sorted(decision.subjects)]
        )
    deciding.ledger.append([*(entry for _, entry in changed), *beside])
    first, entry = changed[0]
    return Recorded(first, entry.entry_id)


def found(decision_id: DecisionId, deciding: Deciding) -> SharingDecision:
    """The decision, locked until commit. Raises DecisionInvalidError where there is none."""
    decision = deciding.decisions.find(decision_id)
    if decision is None:
        raise DecisionInvalidError("decision", "is-not-known")
    return decision


def news_of(
    person: PersonId,
    what: str,
    now: datetime,
    *,
    event_type: EventType = EventType.DECISION_CHANGED,
    source: str = "urn:tell-once:consent",
) -> Event:
    """Something by which is decided about this person changed; what stands in the database."""
    return Event(
        topic=SHARING_DECISIONS,
        key=person,
        id=str(new_entry_id(now)),
        type=event_type,
        source=source,
        subject=person,
        time=now.isoformat(),
        content_type=PLAIN,
        data=f'{{"because":"{what}"}}'.encode(),
    )
