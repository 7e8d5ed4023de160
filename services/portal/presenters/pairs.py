"""The list of people who may be one: a line a pair, without a name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from schemas.identifiers import PractitionerId
from services.linking.ports import ACTOR, Review, ReviewState
from services.portal.addresses import WHO_MAY_BE_ONE, ReviewAddresses
from services.portal.presenters.dates import uk_day_in_words
from services.portal.presenters.frame import SubPage
from services.portal.presenters.likeness import score_in_words
from services.portal.presenters.references import record_reference

PAGE_LENGTH = 25


@dataclass(frozen=True, slots=True)
class StateInWords:
    """A list of pairs in one state: its link, what it is for, what stands when it is empty."""

    link: str
    about: str
    empty: str


_STATES: Mapping[ReviewState, StateInWords] = {
    ReviewState.WAITING: StateInWords(
        "Waiting",
        "Pairs that nobody has looked at yet, those that are likeliest one person first.",
        "No pair is waiting for somebody to look.",
    ),
    ReviewState.ASKED_SOURCE: StateInWords(
        "Sources asked",
        "Pairs about which somebody is asking the sources which is right.",
        "No source is being asked about anybody.",
    ),
    ReviewState.JOINED: StateInWords(
        "Joined",
        "Pairs that are treated as one person, the latest first. Each join can be undone.",
        "Nobody has been joined.",
    ),
    ReviewState.APART: StateInWords(
        "Two people",
        "Pairs that somebody said are two people, the latest first. Nobody is asked again.",
        "Nobody has been said to be two people.",
    ),
}


@dataclass(frozen=True, slots=True)
class PairLine:
    """One pair: its reference, how much agrees, and what has happened."""

    reference: str
    href: str
    score: str
    happened: str


@dataclass(frozen=True, slots=True)
class PairsPage:
    """One page of the pairs in one state; the links before and after are None at the ends."""

    words: StateInWords
    states: tuple[SubPage, ...]
    lines: tuple[PairLine, ...]
    found: str
    previous: str | None
    next: str | None


def pairs_page(
    reviews: Sequence[Review], state: ReviewState, number: int, who: PractitionerId
) -> PairsPage:
    """Make one page of these reviews, counted from 1; beyond the last one there are no lines."""
    ordered = list(reviews) if state.is_open else sorted(reviews, key=_latest, reverse=True)
    first = (number - 1) * PAGE_LENGTH
    shown = ordered[first : first + PAGE_LENGTH]
    return PairsPage(
        words=_STATES[state],
        states=tuple(SubPage(_STATES[s].link, _address(s), s is state) for s in _STATES),
        lines=tuple(_line(review, who) for review in shown),
        found=f"{len(ordered)} {'pair' if len(ordered) == 1 else 'pairs'}",
        previous=_address(state, number - 1) if number > 1 else None,
        next=_address(state, number + 1) if first + PAGE_LENGTH < len(ordered) else None,
    )


def happened_in_words(review: Review, who: PractitionerId) -> str:
    """Write what became of a pair, when and by whom."""
    opened = uk_day_in_words(review.opened_at)
    asked = uk_day_in_words(review.asked_at or review.opened_at)
    answered = uk_day_in_words(review.answered_at or review.opened_at)
    match review.state:
        case ReviewState.WAITING:
            return f"Waiting since {opened}"
        case ReviewState.ASKED_SOURCE:
            return f"Sources asked on {asked}"
        case ReviewState.JOINED:
            return f"Joined on {answered} by {_by(review, who)}"
        case ReviewState.APART:
            return f"Said to be two people on {answered} by {_by(review, who)}"
        case _:
            assert_never(review.state)


def _line(review: Review, who: PractitionerId) -> PairLine:
    return PairLine(
        reference=record_reference(review.id),
        href=ReviewAddresses(review.id).pair,
        score=score_in_words(review.bits),
        happened=happened_in_words(review, who),
    )


def _by(review: Review, who: PractitionerId) -> str:
    if review.answered_by == ACTOR:
        return "this service, because all that is known agrees"
    return "you" if review.answered_by == f"practitioner:{who}" else "a data steward"


def _latest(review: Review) -> tuple[str, str]:
    return (review.answered_at or review.opened_at).isoformat(), review.id


def _address(state: ReviewState, number: int = 1) -> str:
    chosen = [] if state is ReviewState.WAITING else [f"state={state.value}"]
    paged = [f"page={number}"] if number > 1 else []
    query = "&".join((*chosen, *paged))
    return f"{WHO_MAY_BE_ONE}?{query}" if query else WHO_MAY_BE_ONE
