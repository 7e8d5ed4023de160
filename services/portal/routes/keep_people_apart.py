"""Saying that two people are two."""

from fastapi import Depends
from starlette.responses import Response

from services.linking.answering import Answer
from services.portal.addresses import ReviewInPath
from services.portal.csrf import FormPurpose
from services.portal.form_check import FormCheck
from services.portal.guard import guarded_router
from services.portal.pair_done import Done, after
from services.portal.permissions import Permission
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.WHO_IS_WHO)


@router.post(
    "/who-may-be-one/{review}/apart",
    dependencies=[Depends(FormCheck(FormPurpose.KEEP_PEOPLE_APART))],
)
def keep_apart(visit: CurrentVisit, review: ReviewInPath) -> Response:
    """Remember it, then confirm."""
    answered = visit.services.answer_review(visit.who, review, Answer.APART)
    return after(review, answered, Done.APART)
