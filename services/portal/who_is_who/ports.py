"""What the data steward's pages ask of the rest of the service."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from schemas.vocabulary import Source
from services.people.linking.ports import JoinRefusal, Review, ReviewState
from services.people.linking.queue import Answer
from services.people.linking.stewards_view import NotShown, SideBySide
from services.people.practitioners.people import SignedInPractitioner


@dataclass(frozen=True, slots=True)
class AgencyToRing:
    """An agency that may know which is right."""

    name: str
    telephone: str | None


@dataclass(frozen=True, slots=True)
class SourceToRing:
    """The agencies behind what one source says: those that work with the person, else all."""

    source: Source
    agencies: tuple[AgencyToRing, ...]


@dataclass(frozen=True, slots=True, repr=False)
class ReviewedPair:
    """Two people side by side, and whom to ring about them.

    `side` is None where nothing of one of them may be compared (any more): it can still be said
    that they are two, and a join be undone.
    """

    review: Review
    side: SideBySide | None
    to_ring: tuple[SourceToRing, ...]


class StewardServices(Protocol):
    """Each call is one transaction that holds its ledger entries; they are durable on return.

    Whoever is no data steward gets NotShown, and so does a steward whom a restriction in force
    leaves out of the pair: they are not told it from one that is not there.
    """

    def reviews(
        self, who: SignedInPractitioner, states: Collection[ReviewState]
    ) -> Sequence[Review] | NotShown:
        """The pairs in these states, those that are likeliest one person first."""

    def review(self, who: SignedInPractitioner, review: str) -> ReviewedPair | NotShown:
        """Both people of one pair side by side; the look, or its refusal, is recorded."""

    def answer_review(
        self, who: SignedInPractitioner, review: str, answer: Answer
    ) -> Review | NotShown | JoinRefusal:
        """Do what the steward says and remember it; gives the review as it stands then."""

    def ask_sources(self, who: SignedInPractitioner, review: str) -> Review | NotShown:
        """Write down that the sources are asked which is right; somebody has to ring them."""
