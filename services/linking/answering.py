"""A data steward's answer about two persons: joined, apart, a source asked, undone. Pure."""

from dataclasses import replace

from consent.ledger import FieldValue, ledger_entry
from consent.ledger_events import LedgerEvent
from schemas.vocabulary import LabelledCode, Source
from services.linking.joining_ports import JoinRefusal
from services.linking.looking import NotShown, Steward, find_review, show_review
from services.linking.ports import Considering, Review, ReviewState

_BY_A_STEWARD = ("said-by-a-data-steward",)


class Answer(LabelledCode):
    """What a steward may say."""

    JOIN = "join", "They are one person"
    JOIN_ALTHOUGH_BORN_OTHERWISE = (
        "join-although-born-otherwise",
        "They are one person, and one date of birth is wrong",
    )
    APART = "apart", "They are different people"
    UNDO = "undo", "They were joined, and are different people"

    @property
    def says_one(self) -> bool:
        """Whether it says that they are one person."""
        return self in {Answer.JOIN, Answer.JOIN_ALTHOUGH_BORN_OTHERWISE}


def answer_review(
    review_id: str, answer: Answer, who: Steward, *, considering: Considering
) -> Review | NotShown | JoinRefusal:
    """Do what the steward says and remember it.

    Gives the review as it stands then, why nothing is shown, or why it cannot be done. What was
    said before can be said otherwise: a steward who joins knows what was said.
    """
    considering.joiner.lock()
    review = find_review(review_id, who, considering=considering)
    if isinstance(review, NotShown):
        return review
    refused = _done(review, answer, who, considering)
    if refused is not None:
        return refused
    now = considering.clock.now()
    state = ReviewState.JOINED if answer.says_one else ReviewState.APART
    answered = replace(review, state=state, answered_at=now, answered_by=who.actor)
    considering.reviews.save(answered)
    considering.reviews.add({review.one, review.other}, at=now)
    _enter(LedgerEvent.LINK_REVIEW_CLOSED, {"because": answer.value}, review, who, considering)
    return answered


def ask_sources(
    review_id: str, who: Steward, *, considering: Considering
) -> tuple[Review, tuple[Source, ...]] | NotShown:
    """Write down that the sources of both facts are asked which is right; gives which those are.

    What was answered meanwhile stays answered.
    """
    considering.joiner.lock()
    shown = show_review(review_id, who, considering=considering)
    if isinstance(shown, NotShown) or shown.review is None:
        return shown if isinstance(shown, NotShown) else NotShown.NOT_KNOWN
    sources = tuple(sorted({shown.one_source, shown.other_source}))
    if not shown.review.state.is_open:
        return shown.review, sources
    now = considering.clock.now()
    asked = replace(shown.review, state=ReviewState.ASKED_SOURCE, asked_at=now)
    considering.reviews.save(asked)
    event = LedgerEvent.LINK_REVIEW_SOURCES_ASKED
    _enter(event, {"sources": sources}, asked, who, considering)
    return asked, sources


def _done(
    review: Review, answer: Answer, who: Steward, considering: Considering
) -> JoinRefusal | None:
    joiner = considering.joiner
    match answer:
        case Answer.JOIN | Answer.JOIN_ALTHOUGH_BORN_OTHERWISE:
            return joiner.join(
                review.one,
                review.other,
                by=who.actor,
                because=_BY_A_STEWARD,
                bits=review.bits,
                although_apart=True,
                although_born_otherwise=answer is Answer.JOIN_ALTHOUGH_BORN_OTHERWISE,
            )
        case Answer.APART:
            return joiner.keep_apart(review.one, review.other, by=who.actor)
        case Answer.UNDO:
            return joiner.undo(review.one, review.other, by=who.actor)


def _enter(
    event: LedgerEvent,
    fields: dict[str, FieldValue],
    review: Review,
    who: Steward,
    considering: Considering,
) -> None:
    now = considering.clock.now()
    entry = ledger_entry(event, {"review": review.id, **fields}, at=now, actor=who.actor)
    considering.ledger.append([entry])
