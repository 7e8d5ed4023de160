"""The data steward's part of the pages' services: who may be one, answered and undone."""

from collections.abc import Collection, Mapping, Sequence

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.linking.ports import JoinRefusal, Review, ReviewState
from services.people.linking.queue import Answer, answer_review, ask_sources
from services.people.linking.stewards_view import (
    NotShown,
    SideBySide,
    Steward,
    find_review,
    list_reviews,
    show_review,
)
from services.people.practitioners.people import SignedInPractitioner
from services.people.practitioners.postgres_directory import source_to_ring
from services.portal.desk.work import PortalWork
from services.portal.who_is_who.ports import ReviewedPair, SourceToRing
from services.work import UnitOfWork, considering


class StewardsOnDatabase(PortalWork):
    """StewardServices on PostgreSQL."""

    def reviews(
        self, who: SignedInPractitioner, states: Collection[ReviewState]
    ) -> Sequence[Review] | NotShown:
        """The pairs in these states, those that are likeliest one person first."""
        with self._work() as work:
            return list_reviews(_steward(who), states, considering=considering(work, self._outside))

    def review(self, who: SignedInPractitioner, review: str) -> ReviewedPair | NotShown:
        """Both people of one pair side by side; the look, or its refusal, is recorded."""
        with self._work() as work:
            asking, steward = considering(work, self._outside), _steward(who)
            shown = show_review(review, steward, considering=asking)
            if isinstance(shown, SideBySide):
                assert shown.review is not None  # noqa: S101 it was found by its id
                return ReviewedPair(shown.review, shown, _to_ring(shown, work))
            if shown is not NotShown.NOTHING_TO_COMPARE:
                return shown
            found = find_review(review, steward, considering=asking)
            return found if isinstance(found, NotShown) else ReviewedPair(found, None, ())

    def answer_review(
        self, who: SignedInPractitioner, review: str, answer: Answer
    ) -> Review | NotShown | JoinRefusal:
        """Do what the steward says and remember it; gives the review as it stands then."""
        with self._work() as work:
            asking = considering(work, self._outside)
            return answer_review(review, answer, _steward(who), considering=asking)

    def ask_sources(self, who: SignedInPractitioner, review: str) -> Review | NotShown:
        """Write down that the sources are asked which is right; somebody has to ring them."""
        with self._work() as work:
            asking = considering(work, self._outside)
            asked = ask_sources(review, _steward(who), considering=asking)
            return asked if isinstance(asked, NotShown) else asked[0]


def _steward(who: SignedInPractitioner) -> Steward:
    return Steward(who.id, who.role)


def _to_ring(side: SideBySide, work: UnitOfWork) -> tuple[SourceToRing, ...]:
    about: Mapping[Source, set[PersonId]] = {side.one_source: set(), side.other_source: set()}
    about[side.one_source].add(side.one)
    about[side.other_source].add(side.other)
    return tuple(source_to_ring(work.connection, source, about[source]) for source in sorted(about))
