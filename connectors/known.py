"""What is known of a batch of messages before anything of it is decided."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from connectors.ports import Received
from connectors.protecting import protect_homes
from connectors.publishing_ports import (
    DecisionStore,
    Hasher,
    MessageOutcome,
    Outcomes,
    PersonIndex,
    ProtectedPlaces,
    ResolvedSubject,
)
from consent.answers import Answers
from consent.ports import Clock
from schemas.identifiers import PersonId
from schemas.records.message import SourceMessage
from schemas.vocabulary import Source


class Reading(Protocol):
    """Where it is looked up."""

    @property
    def persons(self) -> PersonIndex:
        """Who is who."""

    @property
    def decisions(self) -> DecisionStore:
        """What is on record."""

    @property
    def outcomes(self) -> Outcomes:
        """What became of messages."""

    @property
    def places(self) -> ProtectedPlaces:
        """Where those are whom a restriction protects."""

    @property
    def clock(self) -> Clock:
        """Tells the time."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is on record about a batch, read once before anything is decided.

    `held` are those about whom nothing is on record: who only may be somebody else.
    """

    outcomes: dict[str, MessageOutcome]
    resolved: Mapping[int, Sequence[ResolvedSubject]]
    answers: Answers
    published_of: Collection[PersonId]
    purged: Mapping[PersonId, datetime]
    held: Collection[PersonId]

    def unless_held(self, subjects: Sequence[ResolvedSubject]) -> Sequence[ResolvedSubject]:
        """Who is held is answered for as nobody: their sender must not learn of anybody alike."""
        return [ResolvedSubject(None) if s.person in self.held else s for s in subjects]


def ref_of(source: Source, received: Received, hasher: Hasher) -> str:
    """The keyed hash by which a message is known: of its id, or of its bytes without one."""
    outcome = received.outcome
    if isinstance(outcome, SourceMessage):
        return hasher.opaque("message", source, outcome.message_id)
    return hasher.opaque("unreadable", source, sha256(received.raw()).hexdigest())


def read_what_is_known(
    source: Source, messages: Sequence[Received], refs: Sequence[str], reading: Reading
) -> Known:
    """Look up a batch: locked outcomes, persons, decisions, earlier publications and purges."""
    outcomes = reading.outcomes.lock_and_find(source, refs)
    readable = [
        (position, received.outcome)
        for position, received in enumerate(messages)
        if isinstance(received.outcome, SourceMessage)
    ]
    flat = reading.persons.resolve([s for _, message in readable for s in message.subjects])
    unread = iter(flat)
    resolved = {
        position: [next(unread) for _ in message.subjects] for position, message in readable
    }
    persons = {r.person for r in flat if r.person is not None}
    on_record = reading.decisions.on_record(persons)
    now = reading.clock.now()
    restricted = {p for p, found in on_record.items() if found.is_protected(now)}
    protect_homes(readable, resolved, restricted, reading.places)
    return Known(
        dict(outcomes),
        resolved,
        Answers(on_record, reading.decisions.agreements),
        reading.outcomes.published_subjects(source, persons),
        reading.outcomes.purged(persons),
        {p for p, found in on_record.items() if not (found.decisions or found.restrictions)},
    )


def unless_purged(
    before: MessageOutcome | None,
    subjects: Sequence[ResolvedSubject],
    purged: Mapping[PersonId, datetime],
) -> MessageOutcome | None:
    """What was purged from the shared profile may come again, so it is not a duplicate then."""
    purges = [purged[s.person] for s in subjects if s.person is not None and s.person in purged]
    if before is None or before.at is None or not purges:
        return before
    return before if before.at > max(purges) else None
