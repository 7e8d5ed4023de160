"""Keeping a decision: its next version, its proof and the news of it go in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from consent.errors import DecisionInvalidError
from consent.ledger import LedgerEntry, new_entry_id
from consent.model import SharingDecision
from consent.ports import Clock, Decisions, Ledger, Outbox, ProtectedPlaces
from schemas.envelope import PLAIN, Event, EventType
from schemas.identifiers import DecisionId, PersonId
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
class Deciding:
    """What recording works with; every port joins one transaction."""

    persons: Persons
    decisions: Decisions
    outbox: Outbox
    ledger: Ledger
    clock: Clock
    places: ProtectedPlaces


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answer: the decision as it stands now, and the ledger entry that proves it."""

    decision: SharingDecision
    entry_id: UUID


def keep(changed: Sequence[Changed], *, deciding: Deciding) -> Recorded:
    """Keep these decisions as they stand now, each with its entry; gives the first's receipt."""
    now = deciding.clock.now()
    for decision, _ in changed:
        deciding.decisions.save(decision, at=now)
        deciding.outbox.add(
            [news_of(person, decision.id, now) for person in sorted(decision.subjects)]
        )
    deciding.ledger.append([entry for _, entry in changed])
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
