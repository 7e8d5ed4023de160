"""The pages of people who may be one: the list, a pair, joining, keeping apart, undoing, asking."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.vocabulary import LabelledCode
from services.people.linking.ports import JoinRefusal, Review, ReviewState
from services.people.linking.queue import Answer
from services.people.linking.stewards_view import NotShown
from services.people.practitioners.permissions import Permission
from services.people.practitioners.stewards import ReviewedPair
from services.portal.frame.addresses import ReviewAddresses, ReviewInPath
from services.portal.frame.forms import FormErrors
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.who_is_who.words import pair_in_words, pairs_page, why_not_in_words

# The pair that an address names, and what has become of an answer about it.


class PairDone(LabelledCode):
    """What was just done about a pair, in the words of the page that follows."""

    JOINED = (
        "joined",
        "They are one person from now on. Records of both are brought together within minutes.",
    )
    CLAIMED = "claimed", "Written down. Another data steward has to say that they are one person."
    PARTING = "parting", "Written down. Another data steward has to say that they are two people."
    APART = "apart", "They are two people from now on, and nobody is asked about them again."
    UNDONE = (
        "undone",
        "They are two people again. Records go back to whom they came for within minutes.",
    )
    ASKED = "asked-source", "Written down that you ask the sources. Nothing is sent: ring them."

    def is_so(self, review: Review) -> bool:
        """Whether the pair stands as this says; whoever made up an address is told nothing."""
        follows = {
            PairDone.JOINED: ReviewState.JOINED,
            PairDone.CLAIMED: ReviewState.CLAIMED,
            PairDone.PARTING: ReviewState.PARTING,
            PairDone.APART: ReviewState.APART,
            PairDone.UNDONE: ReviewState.APART,
            PairDone.ASKED: ReviewState.ASKED_SOURCE,
        }
        return review.state is follows[self]


def notice_of(review: Review, done: PairDone | None, refused: JoinRefusal | None) -> str | None:
    """Write what to tell above the pair, if anything."""
    if refused is not None:
        return why_not_in_words(refused)
    return done.label if done is not None and done.is_so(review) else None


def pair_of(visit: Visit, review: str) -> ReviewedPair:
    """Find the pair. Raises HTTPException 404 for one that is not there for this steward."""
    found = visit.services.review(visit.who, review)
    if isinstance(found, NotShown):
        raise HTTPException(404)
    return found


def after(review: str, answered: Review | NotShown | JoinRefusal, done: PairDone) -> Response:
    """Go on to the pair once that was done, or to say why it was not.

    Raises HTTPException 404 for a pair that is not there for this steward.
    """
    if isinstance(answered, NotShown):
        raise HTTPException(404)
    addresses = ReviewAddresses(review)
    if isinstance(answered, JoinRefusal):
        return go_to(addresses.after_refusal(answered))
    return go_to(addresses.after(_WAITING.get(answered.state, done)))


_WAITING = {ReviewState.CLAIMED: PairDone.CLAIMED, ReviewState.PARTING: PairDone.PARTING}
"""What is to be told where another hand is waited for, whatever was said."""


router = guarded_router(Permission.WHO_IS_WHO)


@router.get("/who-may-be-one")
def show_pairs(
    visit: CurrentVisit,
    state: ReviewState = ReviewState.WAITING,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """List the pairs in one state; without names, as reading those is a look of its own."""
    found = visit.services.reviews(visit.who, [state])
    if isinstance(found, NotShown):
        raise HTTPException(404)
    return visit.show("pairs.html", pairs=pairs_page(found, state, page, visit.who.id))


# Two people who may be one, side by side.


@router.get("/who-may-be-one/{review}")
def show_pair(
    visit: CurrentVisit,
    review: ReviewInPath,
    done: PairDone | None = None,
    refused: JoinRefusal | None = None,
) -> Response:
    """Show what each source says, what agrees, and what can be said; the look is recorded."""
    found = pair_of(visit, review)
    return visit.show(
        "pair.html",
        pair=pair_in_words(found, visit.who.id, visit.services.deaths_of_pair(found)),
        addresses=ReviewAddresses(review),
        notice=notice_of(found.review, done, refused),
        is_refused=refused is not None,
        apart_token=visit.token(FormPurpose.KEEP_PEOPLE_APART),
        ask_token=visit.token(FormPurpose.ASK_SOURCES),
        undo_token=visit.token(FormPurpose.UNDO_JOIN),
        confirm_token=visit.token(FormPurpose.CONFIRM_PEOPLE),
    )


# Saying that two people are one, after reading what follows from it.

_BORN_OTHERWISE = "born-otherwise"
_SAY_SO = "Confirm that one date of birth is wrong, or go back and say that they are two people"


@router.get("/who-may-be-one/{review}/join")
def ask_to_join(visit: CurrentVisit, review: ReviewInPath) -> Response:
    """Show whom it is about and what follows, and ask once more."""
    return _form_to_join(visit, review, FormErrors())


@router.post(
    "/who-may-be-one/{review}/join", dependencies=[Depends(FormCheck(FormPurpose.JOIN_PEOPLE))]
)
def join_people(visit: CurrentVisit, review: ReviewInPath, form: Form) -> Response:
    """Join them, then confirm; where the dates differ only if that was said to be a slip."""
    said = bool(form.text(_BORN_OTHERWISE))
    answer = Answer.JOIN_ALTHOUGH_BORN_OTHERWISE if said else Answer.JOIN
    answered = visit.services.answer_review(visit.who, review, answer)
    if answered is JoinRefusal.OTHER_BIRTH:
        errors = FormErrors()
        errors.add(_BORN_OTHERWISE, _SAY_SO)
        return _form_to_join(visit, review, errors)
    return after(review, answered, PairDone.JOINED)


def _form_to_join(visit: Visit, review: str, errors: FormErrors) -> Response:
    found = pair_of(visit, review)
    deaths, addresses = visit.services.deaths_of_pair(found), ReviewAddresses(review)
    pair = pair_in_words(found, visit.who.id, deaths)
    if not pair.answers.join:
        return go_to(addresses.pair)
    return visit.show(
        "join_people.html",
        422 if errors else 200,
        pair=pair,
        born_otherwise=bool(errors) or (pair.side is not None and pair.side.born_otherwise),
        addresses=addresses,
        errors=errors,
        token=visit.token(FormPurpose.JOIN_PEOPLE),
    )


# Being the other data steward.


@router.post(
    "/who-may-be-one/{review}/confirm",
    dependencies=[Depends(FormCheck(FormPurpose.CONFIRM_PEOPLE))],
)
def confirm_people(visit: CurrentVisit, review: ReviewInPath) -> Response:
    """Say so too, then say what has become of it."""
    answered = visit.services.answer_review(visit.who, review, Answer.CONFIRM)
    is_parted = isinstance(answered, Review) and answered.state is ReviewState.APART
    return after(review, answered, PairDone.UNDONE if is_parted else PairDone.JOINED)


# Saying that two people are two.


@router.post(
    "/who-may-be-one/{review}/apart",
    dependencies=[Depends(FormCheck(FormPurpose.KEEP_PEOPLE_APART))],
)
def keep_apart(visit: CurrentVisit, review: ReviewInPath) -> Response:
    """Remember it, then confirm."""
    answered = visit.services.answer_review(visit.who, review, Answer.APART)
    return after(review, answered, PairDone.APART)


# Undoing what made two people one.


@router.post(
    "/who-may-be-one/{review}/undo", dependencies=[Depends(FormCheck(FormPurpose.UNDO_JOIN))]
)
def undo_join(visit: CurrentVisit, review: ReviewInPath) -> Response:
    """Part them again, then confirm."""
    answered = visit.services.answer_review(visit.who, review, Answer.UNDO)
    return after(review, answered, PairDone.UNDONE)


# Writing down that the sources of two people are asked which is right.


@router.post(
    "/who-may-be-one/{review}/ask-sources",
    dependencies=[Depends(FormCheck(FormPurpose.ASK_SOURCES))],
)
def ask_sources(visit: CurrentVisit, review: ReviewInPath) -> Response:
    """Write it down, then say whom to ring; nothing is sent."""
    return after(review, visit.services.ask_sources(visit.who, review), PairDone.ASKED)
