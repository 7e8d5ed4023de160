"""Two people who may be one, as a data steward is shown them: whom to ring about each."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.people.linking.ports import Considering, Review
from services.people.linking.stewards_view import (
    NotShown,
    SideBySide,
    Steward,
    find_review,
    show_review,
)
from services.people.practitioners.people import SignedInPractitioner, SourceToRing

WhomToRing = Callable[[Source, Collection[PersonId]], SourceToRing]
"""The agencies behind what a source says of these people."""


@dataclass(frozen=True, slots=True, repr=False)
class ReviewedPair:
    """Two people side by side, and whom to ring about them.

    `side` is None where nothing of one of them may be compared (any more): it can still be said
    that they are two, and a join be undone.
    """

    review: Review
    side: SideBySide | None
    to_ring: tuple[SourceToRing, ...]


def as_steward(who: SignedInPractitioner) -> Steward:
    """Who looks or answers; whether they are a steward is asked where something is shown."""
    return Steward(who.id, who.role)


def show_pair(
    review: str, who: Steward, *, considering: Considering, whom_to_ring: WhomToRing
) -> ReviewedPair | NotShown:
    """Both people of one pair side by side; the look, or its refusal, is recorded."""
    shown = show_review(review, who, considering=considering)
    if isinstance(shown, SideBySide):
        assert shown.review is not None  # noqa: S101 it was found by its id
        return ReviewedPair(shown.review, shown, _to_ring(shown, whom_to_ring))
    if shown is not NotShown.NOTHING_TO_COMPARE:
        return shown
    found = find_review(review, who, considering=considering)
    return found if isinstance(found, NotShown) else ReviewedPair(found, None, ())


def _to_ring(side: SideBySide, whom_to_ring: WhomToRing) -> tuple[SourceToRing, ...]:
    about: dict[Source, set[PersonId]] = {side.one_source: set(), side.other_source: set()}
    about[side.one_source].add(side.one)
    about[side.other_source].add(side.other)
    return tuple(whom_to_ring(source, about[source]) for source in sorted(about))
