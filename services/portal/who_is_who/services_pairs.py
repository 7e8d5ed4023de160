"""What stewards' pages of two who may be one ask, each call one transaction."""

from collections.abc import Collection, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from services.people.linking import queue, stewards_view
from services.people.linking.ports import JoinRefusal, Review, ReviewState, usable
from services.people.linking.queue import Answer
from services.people.linking.stewards_view import NotShown
from services.people.practitioners import stewards
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.stewards import ReviewedPair, as_steward
from services.profile import families
from services.profile.families import Deaths
from services.work import Outside, UnitOfWork, considering, unit_of_work


class PairServices(Protocol):
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

    def deaths_of_pair(self, pair: ReviewedPair) -> Deaths:
        """What is told of the death of each of them, as far as they may be compared."""

    def answer_review(
        self, who: SignedInPractitioner, review: str, answer: Answer
    ) -> Review | NotShown | JoinRefusal:
        """Do what the steward says and remember it; gives the review as it stands then."""

    def ask_sources(self, who: SignedInPractitioner, review: str) -> Review | NotShown:
        """Write down that the sources are asked which is right; somebody has to ring them."""


class PairsOnDatabase:
    """PairServices on PostgreSQL."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside

    def reviews(
        self, who: SignedInPractitioner, states: Collection[ReviewState]
    ) -> Sequence[Review] | NotShown:
        """The pairs in these states."""
        with self._work() as work:
            asking = considering(work, self._outside, by_one_hand=True)
            return stewards_view.list_reviews(as_steward(who), states, considering=asking)

    def review(self, who: SignedInPractitioner, review: str) -> ReviewedPair | NotShown:
        """Both people of one pair side by side."""
        with self._work() as work:
            return stewards.show_pair(
                review,
                as_steward(who),
                considering=considering(work, self._outside, by_one_hand=True),
                whom_to_ring=work.directory.source_to_ring,
            )

    def deaths_of_pair(self, pair: ReviewedPair) -> Deaths:
        """What is told of the death of each."""
        if pair.side is None:
            return None, None
        one, other = pair.side.one, pair.side.other
        with self._work() as work:
            allowed = usable([one, other], work.clusters.members, work.decisions, work.now)
            return families.deaths_of_two(one, other, allowed, opening=work.opening())

    def answer_review(
        self, who: SignedInPractitioner, review: str, answer: Answer
    ) -> Review | NotShown | JoinRefusal:
        """Do what the steward says."""
        with self._work() as work:
            asking = considering(work, self._outside, by_one_hand=True)
            return queue.answer_review(review, answer, as_steward(who), considering=asking)

    def ask_sources(self, who: SignedInPractitioner, review: str) -> Review | NotShown:
        """Write down that the sources are asked which is right."""
        with self._work() as work:
            asking = considering(work, self._outside, by_one_hand=True)
            asked = queue.ask_sources(review, as_steward(who), considering=asking)
            return asked if isinstance(asked, NotShown) else asked[0]

    def _work(self) -> AbstractContextManager[UnitOfWork]:
        return unit_of_work(self._outside)
