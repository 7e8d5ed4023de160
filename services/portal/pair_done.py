"""The pair that an address names, and what has become of an answer about it."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.vocabulary import LabelledCode
from services.linking.joining_ports import JoinRefusal
from services.linking.looking import NotShown
from services.linking.ports import Review, ReviewState
from services.portal.addresses import ReviewAddresses
from services.portal.presenters.pair import why_not_in_words
from services.portal.signed_in import Visit, go_to
from services.portal.steward_ports import ReviewedPair


class Done(LabelledCode):
    """What was just done about a pair, in the words of the page that follows."""

    JOINED = (
        "joined",
        "They are one person from now on. Records of both are brought together within minutes.",
    )
    APART = "apart", "They are two people from now on, and nobody is asked about them again."
    UNDONE = (
        "undone",
        "They are two people again. Records go back to whom they came for within minutes.",
    )
    ASKED = "asked-source", "Written down that you ask the sources. Nothing is sent: ring them."

    def is_so(self, review: Review) -> bool:
        """Whether the pair stands as this says; whoever made up an address is told nothing."""
        follows = {
            Done.JOINED: ReviewState.JOINED,
            Done.APART: ReviewState.APART,
            Done.UNDONE: ReviewState.APART,
            Done.ASKED: ReviewState.ASKED_SOURCE,
        }
        return review.state is follows[self]


def notice_of(review: Review, done: Done | None, refused: JoinRefusal | None) -> str | None:
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


def after(review: str, answered: Review | NotShown | JoinRefusal, done: Done) -> Response:
    """Go on to the pair once that was done, or to say why it was not.

    Raises HTTPException 404 for a pair that is not there for this steward.
    """
    if isinstance(answered, NotShown):
        raise HTTPException(404)
    addresses = ReviewAddresses(review)
    if isinstance(answered, JoinRefusal):
        return go_to(addresses.after_refusal(answered))
    return go_to(addresses.after(done))
