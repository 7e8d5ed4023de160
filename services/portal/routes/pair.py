"""Two people who may be one, side by side."""

from starlette.responses import Response

from services.linking.joining_ports import JoinRefusal
from services.portal.addresses import ReviewAddresses, ReviewInPath
from services.portal.csrf import FormPurpose
from services.portal.guard import guarded_router
from services.portal.pair_done import Done, notice_of, pair_of
from services.portal.permissions import Permission
from services.portal.presenters.pair import pair_in_words
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.WHO_IS_WHO)


@router.get("/who-may-be-one/{review}")
def show(
    visit: CurrentVisit,
    review: ReviewInPath,
    done: Done | None = None,
    refused: JoinRefusal | None = None,
) -> Response:
    """Show what each source says, what agrees, and what can be said; the look is recorded."""
    found = pair_of(visit, review)
    return visit.show(
        "pair.html",
        pair=pair_in_words(found, visit.who.id),
        addresses=ReviewAddresses(review),
        notice=notice_of(found.review, done, refused),
        is_refused=refused is not None,
        apart_token=visit.token(FormPurpose.KEEP_PEOPLE_APART),
        ask_token=visit.token(FormPurpose.ASK_SOURCES),
        undo_token=visit.token(FormPurpose.UNDO_JOIN),
    )
