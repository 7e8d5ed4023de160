"""Writing down that the sources of two people are asked which is right."""

from fastapi import Depends
from starlette.responses import Response

from services.portal.addresses import ReviewInPath
from services.portal.csrf import FormPurpose
from services.portal.form_check import FormCheck
from services.portal.guard import guarded_router
from services.portal.pair_done import Done, after
from services.portal.permissions import Permission
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.WHO_IS_WHO)


@router.post(
    "/who-may-be-one/{review}/ask-sources",
    dependencies=[Depends(FormCheck(FormPurpose.ASK_SOURCES))],
)
def ask_sources(visit: CurrentVisit, review: ReviewInPath) -> Response:
    """Write it down, then say whom to ring; nothing is sent."""
    return after(review, visit.services.ask_sources(visit.who, review), Done.ASKED)
