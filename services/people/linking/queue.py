"""The queue of pairs about whom somebody is asked: opened, brought up to date, answered. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import assert_never

from consent.ledger import FieldValue, ledger_entry, new_entry_id
from consent.ledger.events import LedgerEvent
from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode, Source
from services.people.linking.claims import Compared
from services.people.linking.joins import JoinPersons, KeepApart, join_persons, keep_apart
from services.people.linking.ports import (
    ACTOR,
    Considering,
    Join,
    JoinRefusal,
    Pair,
    Review,
    ReviewState,
)
from services.people.linking.second_hands import (
    ConfirmJoin,
    PartPersons,
    confirm_join,
    join_between,
    part_persons,
)
from services.people.linking.stewards_view import NotShown, Steward, find_review, show_review
from services.people.persons.clusters import JoinStanding

_AS_GOOD_AS_EQUAL = 0.01
_NOT_COMPARED = 0.0


def ask_about(
    person: PersonId, found: Mapping[PersonId, Compared], *, considering: Considering
) -> None:
    """Open a review with each who was found, and close those that are pointless by now.

    Of several that ask about the same two, since who they name became one, the first stays.
    """
    canonical = considering.said_to_be([person])[person][0]
    before: dict[PersonId, Review] = {}
    for other, review in _open_reviews(person, considering):
        if other == canonical:
            _close(review, "joined", considering)
        elif other not in found:
            _close(review, "not-alike-any-more", considering)
        elif other in before:
            _close(review, "asked-about-already", considering)
        else:
            before[other] = review
    for other, compared in found.items():
        known = before.get(other)
        if known is None:
            _open(canonical, other, compared, considering)
        elif _is_news(known, compared, considering):
            considering.reviews.save(_scored(known, compared, considering))


def remember_joined(join: Join, compared: Compared, *, considering: Considering) -> None:
    """List two who were joined without asking: so that stewards warrant it, or undo it."""
    _remember(join, compared.score.bits, considering)


def remember_said(join: Join, *, considering: Considering) -> None:
    """The same of two who were not compared: a source says that they are one."""
    _remember(join, _NOT_COMPARED, considering)


def _remember(join: Join, bits: float, considering: Considering) -> None:
    review = _review(*join.pair, bits, considering)
    now = considering.clock.now()
    joined = replace(review, state=_state_of(join), answered_at=now, answered_by=ACTOR)
    considering.reviews.save(joined)


def _open_reviews(person: PersonId, considering: Considering) -> Iterator[tuple[PersonId, Review]]:
    """The open reviews of a person and all who are one with them, each with whom it is about.

    Those are named by the id that is known outside now; the first that was opened comes first.
    """
    members = considering.said_to_be([person])[person]
    reviews = {r.id: r for m in members for r in considering.reviews.of(m) if r.state.is_open}
    others = {r.id: r.other if r.one in members else r.one for r in reviews.values()}
    outside = considering.said_to_be(list(others.values()))
    for review in sorted(reviews.values(), key=lambda r: (r.opened_at, r.id)):
        yield outside[others[review.id]][0], review


def _is_news(known: Review, compared: Compared, considering: Considering) -> bool:
    is_other_score = abs(known.bits - compared.score.bits) > _AS_GOOD_AS_EQUAL
    return is_other_score or known.weights != considering.weights.version


def _scored(review: Review, compared: Compared, considering: Considering) -> Review:
    return replace(review, bits=compared.score.bits, weights=considering.weights.version)


def _open(person: PersonId, other: PersonId, compared: Compared, considering: Considering) -> None:
    review = _review(person, other, compared.score.bits, considering)
    considering.reviews.save(review)
    fields = {"review": review.id, "person": review.one, "other": review.other}
    now = considering.clock.now()
    entry = ledger_entry(LedgerEvent.LINK_REVIEW_OPENED, fields, at=now, actor=ACTOR)
    considering.ledger.append([entry])


def _review(person: PersonId, other: PersonId, bits: float, considering: Considering) -> Review:
    now = considering.clock.now()
    one, two = sorted((person, other))
    version = considering.weights.version
    return Review(str(new_entry_id(now)), one, two, bits, version, ReviewState.WAITING, now)


def _close(review: Review, because: str, considering: Considering) -> None:
    considering.reviews.delete(review)
    fields = {"review": review.id, "because": because}
    now = considering.clock.now()
    entry = ledger_entry(LedgerEvent.LINK_REVIEW_CLOSED, fields, at=now, actor=ACTOR)
    considering.ledger.append([entry])


# A data steward's answer about two persons: joined, confirmed, apart, a source asked, undone.

_BY_A_STEWARD = ("said-by-a-data-steward",)


class Answer(LabelledCode):
    """What a steward may say."""

    JOIN = "join", "They are one person"
    JOIN_ALTHOUGH_BORN_OTHERWISE = (
        "join-although-born-otherwise",
        "They are one person, and one date of birth is wrong",
    )
    CONFIRM = "confirm", "What another data steward said of them is so"
    APART = "apart", "They are different people"
    UNDO = "undo", "They were joined, and are different people"


def answer_review(
    review_id: str, answer: Answer, who: Steward, *, considering: Considering
) -> Review | NotShown | JoinRefusal:
    """Do what the steward says and remember it.

    Gives the review as it stands then, why nothing is shown, or why it cannot be done, which is
    entered. What was said before can be said otherwise: a steward who joins knows what was said.
    """
    considering.joining.joins.lock()
    review = find_review(review_id, who, considering=considering)
    if isinstance(review, NotShown):
        return review
    done = _done(review, answer, who, considering)
    if isinstance(done, JoinRefusal):
        enter_refusal(answer.value, done, review, who, considering)
        return done
    now = considering.clock.now()
    state = _state_of(done) if isinstance(done, Join) else ReviewState.APART
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
    considering.joining.joins.lock()
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


def _state_of(join: Join) -> ReviewState:
    """How a pair stands by the join between the two."""
    match join.standing:
        case JoinStanding.CLAIMED:
            return ReviewState.CLAIMED
        case JoinStanding.WARRANTED:
            return ReviewState.JOINED
        case JoinStanding.PARTING:
            return ReviewState.PARTING
        case JoinStanding.PARTED:
            return ReviewState.APART
        case _:
            assert_never(join.standing)


def _done(
    review: Review, answer: Answer, who: Steward, considering: Considering
) -> Join | Pair | JoinRefusal:
    one, other, joining = review.one, review.other, considering.joining
    match answer:
        case Answer.JOIN | Answer.JOIN_ALTHOUGH_BORN_OTHERWISE:
            order = JoinPersons(
                one,
                other,
                who.actor,
                _BY_A_STEWARD,
                review.bits,
                although_apart=True,
                although_born_otherwise=answer is Answer.JOIN_ALTHOUGH_BORN_OTHERWISE,
            )
            return join_persons(order, joining=joining)
        case Answer.CONFIRM:
            between = join_between(one, other, joining=joining)
            if between is None:
                return JoinRefusal.NOT_JOINED
            return confirm_join(ConfirmJoin(between.id, who.actor), joining=joining)
        case Answer.APART:
            return keep_apart(KeepApart(one, other, who.actor), joining=joining)
        case Answer.UNDO:
            return part_persons(PartPersons(one, other, who.actor), joining=joining)
        case _:
            assert_never(answer)


def enter_refusal(
    said: str, why: JoinRefusal, review: Review | None, who: Steward, considering: Considering
) -> None:
    """Enter what was said and not done."""
    reviews = () if review is None else (review.id,)
    fields = {"review": reviews, "answer": said, "because": why.value}
    now = considering.clock.now()
    entry = ledger_entry(LedgerEvent.LINK_ANSWER_REFUSED, fields, at=now, actor=who.actor)
    considering.ledger.append([entry])


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
