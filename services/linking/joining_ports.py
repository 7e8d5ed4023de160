"""What joining persons needs from the outside world. All calls join one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from consent.decision import OnRecord
from consent.ports import Clock, Ledger
from schemas.envelope import Event
from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode

JoinId = str
"""The opaque id of a join."""

Pair = tuple[PersonId, PersonId]
"""Two persons, the lower id first where it does not matter who is who."""


class JoinRefusal(LabelledCode):
    """Why two persons are not joined, not parted or not kept apart."""

    NOT_KNOWN = "not-known", "One of them is not known"
    ALREADY_ONE = "already-one", "They are one person already"
    ERASED = "erased", "One of them was erased"
    OTHER_NUMBER = "other-number", "Each has a verified number, and the numbers differ"
    OTHER_BIRTH = "other-birth", "Their dates of birth differ"
    LEFT_BEHIND = "left-behind", "One belongs to an identity that was left behind"
    PROTECTED = "protected", "One of them is protected"
    KEPT_APART = "kept-apart", "Somebody has said that they are two"
    NOT_JOINED = "not-joined", "No join between them is in force"


@dataclass(frozen=True, slots=True)
class Joinable:
    """What speaks for or against joining all who are one person already.

    `created` has every member, the one known outside first. Numbers are those of which a person
    has but one, by kind, and `former_numbers` those that were replaced; births and numbers are
    keyed hashes.
    """

    created: Mapping[PersonId, datetime]
    births: frozenset[bytes]
    numbers: Mapping[str, frozenset[bytes]]
    former_numbers: frozenset[bytes]
    is_erased: bool
    is_left_behind: bool


@dataclass(frozen=True, slots=True)
class Join:
    """That two persons are one: who said so, when and why. `kept` came into being first.

    `because` are codes and `score` is in bits; a person who decides may give neither.
    """

    id: JoinId
    kept: PersonId
    joined: PersonId
    made_by: str
    made_at: datetime
    because: tuple[str, ...] = ()
    score: float | None = None

    @property
    def pair(self) -> Pair:
        """Whom it joins."""
        return self.kept, self.joined


class Joins(Protocol):
    """Joins, and who was said to be two."""

    def lock(self) -> None:
        """Let nobody else join or part anybody until this transaction ends; call it first."""

    def joinable(self, person: PersonId) -> Joinable | None:
        """What is known of all who are one with the person; None where there is no such person."""

    def are_apart(self, some: Collection[PersonId], others: Collection[PersonId]) -> bool:
        """Whether any of the ones was said to be another person than any of the others."""

    def keep_apart(self, pair: Pair, *, by: str, at: datetime) -> bool:
        """Remember that they are two, however often it is said; False where it was known."""

    def among(self, persons: Collection[PersonId]) -> Sequence[Join]:
        """The joins in force between any of these, the oldest first."""

    def find(self, join: JoinId) -> Join | None:
        """A join that is in force."""

    def save(self, join: Join) -> None:
        """Write down a join."""

    def undo(self, join: JoinId, *, by: str, at: datetime) -> None:
        """Take a join out of force; it stays on record."""

    def leave_behind(self, person: PersonId, *, at: datetime) -> None:
        """Remember that an adoption left this identity behind."""

    def put_together(self, known_as: PersonId, others: Collection[PersonId]) -> None:
        """From now on all of these, and nobody else, are one, known outside by the first's id."""


class Decisions(Protocol):
    """Decisions and restrictions as they stand in this transaction."""

    def on_record(self, persons: Collection[PersonId]) -> Mapping[PersonId, OnRecord]:
        """For each person everything that may bear on a request about them."""


class Outbox(Protocol):
    """What is announced once the transaction commits."""

    def add(self, events: Sequence[Event]) -> None:
        """Queue the events in order."""


@dataclass(frozen=True, slots=True)
class Joining:
    """What joining works with; every port joins one transaction."""

    joins: Joins
    decisions: Decisions
    outbox: Outbox
    ledger: Ledger
    clock: Clock
