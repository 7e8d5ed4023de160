"""What linking needs from the outside world. All calls join one transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from connectors.publishing_ports import DecisionStore
from consent.model import Restriction
from consent.ports import Clock, Ledger
from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode, Source
from services.linking.claims import Claim
from services.linking.facts import LinkFacts
from services.linking.joining_ports import JoinRefusal
from services.linking.weights import Weights

ACTOR = "job:linking"


class ReviewState(LabelledCode):
    """What became of two persons about whom somebody is asked."""

    WAITING = "waiting", "Waiting for somebody to look"
    ASKED_SOURCE = "asked-source", "A source was asked"
    JOINED = "joined", "Said to be the same person"
    APART = "apart", "Said to be different people"

    @property
    def is_open(self) -> bool:
        """Whether nobody has answered yet."""
        return self in {ReviewState.WAITING, ReviewState.ASKED_SOURCE}


@dataclass(frozen=True, slots=True)
class Review:
    """Two persons who may be one: ids, a score and what was answered, nothing personal."""

    id: str
    one: PersonId
    other: PersonId
    bits: float
    weights: str
    state: ReviewState
    opened_at: datetime
    asked_at: datetime | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None


class Facts(Protocol):
    """What sources say about who somebody is, opened for whoever may compare."""

    def claims(self, persons: Collection[PersonId]) -> Mapping[PersonId, Sequence[Claim]]:
        """What is known of each, the oldest first; nothing of who was erased."""

    def found_by(self, claims: Sequence[Claim]) -> Sequence[PersonId]:
        """Persons who share what these are looked for by, those who share most first.

        Those whom the claims are about may be among them.
        """

    def forget(self, persons: Collection[PersonId], source: Source) -> None:
        """Delete what this source said of the persons."""


class Reviews(Protocol):
    """The pairs that somebody is, or was, asked about, and who is to be compared next."""

    def add(self, persons: Collection[PersonId], *, at: datetime) -> None:
        """Let these be compared."""

    def find(self, review: str) -> Review | None:
        """One review."""

    def listed(self, states: Collection[ReviewState]) -> Sequence[Review]:
        """The reviews in one of these states, those that are likeliest one person first."""

    def of(self, person: PersonId) -> Sequence[Review]:
        """Every review that names the person, open or answered."""

    def save(self, review: Review) -> None:
        """Write a review or what became of it."""

    def delete(self, review: Review) -> None:
        """Forget a review that is pointless now."""


class Clusters(Protocol):
    """Which persons are one."""

    def members(self, persons: Collection[PersonId]) -> Mapping[PersonId, tuple[PersonId, ...]]:
        """For each person all who are one with them, the one known outside first."""


class Joiner(Protocol):
    """Joins persons and keeps them apart, with the ledger entry and the news of it."""

    def lock(self) -> None:
        """Let nobody else join or part anybody until this transaction ends."""

    def kept_apart(self, persons: Collection[PersonId]) -> Collection[frozenset[PersonId]]:
        """Pairs with one of these that were said to be two; a join that was undone says so too."""

    def join(
        self,
        one: PersonId,
        other: PersonId,
        *,
        by: str,
        because: Sequence[str],
        bits: float,
        although_apart: bool = False,
        although_born_otherwise: bool = False,
    ) -> JoinRefusal | None:
        """Join them; gives why not, or None when they are one now."""

    def keep_apart(self, one: PersonId, other: PersonId, *, by: str) -> JoinRefusal | None:
        """Never join them; gives why not, or None when that is written down."""

    def undo(self, one: PersonId, other: PersonId, *, by: str) -> JoinRefusal | None:
        """Undo what made them one; gives why not, or None when they are two."""


class PlacesOfFacts(Protocol):
    """Where the persons who are compared live, beside where somebody protected does."""

    def restrictions_at(self, facts: LinkFacts) -> Collection[Restriction]:
        """Every restriction, in force or not, of who may live where these facts tell."""


@dataclass(frozen=True, slots=True)
class Considering:
    """What persons are compared with, all in one transaction."""

    facts: Facts
    reviews: Reviews
    clusters: Clusters
    joiner: Joiner
    places: PlacesOfFacts
    decisions: DecisionStore
    ledger: Ledger
    clock: Clock
    weights: Weights
