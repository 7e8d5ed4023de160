"""What recording needs from the outside world. All calls join one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from consent.model import Restriction, SharingDecision
from schemas.envelope import Event
from schemas.identifiers import DecisionId, PersonId
from schemas.records.subject import Subject


class Persons(Protocol):
    """Who decisions may be about."""

    def resolve_or_create(self, subject: Subject, *, at: datetime) -> PersonId:
        """The person with these identifiers; raises DecisionInvalidError on a contradiction."""

    def exists(self, person: PersonId) -> bool:
        """Whether there is such a person."""


class Decisions(Protocol):
    """Where decisions are kept."""

    def find(self, decision: DecisionId) -> SharingDecision | None:
        """One decision, locked until commit."""

    def save(self, decision: SharingDecision, *, at: datetime) -> None:
        """Write a decision or its next version."""

    def place(self, restriction: Restriction) -> None:
        """Write a restriction."""

    def find_restriction(self, restriction: str) -> Restriction | None:
        """One restriction, locked until commit."""

    def lift(self, restriction: str, *, at: datetime) -> None:
        """Write when a restriction ended; one that has ended stays as it was."""


class Places(Protocol):
    """Where persons are whom a restriction protects."""

    def protect_stored(self, person: PersonId) -> None:
        """Keep where this person lives, as keyed hashes, before what tells it is purged.

        Never fails for what cannot be opened: a restriction has to be placed.
        """


class Outbox(Protocol):
    """What is announced once the transaction commits."""

    def add(self, events: Sequence[Event]) -> None:
        """Queue the events in order."""
