"""People who may be one: the list."""

from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.linking.looking import NotShown
from services.linking.ports import ReviewState
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.pairs import pairs_page
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.WHO_IS_WHO)


@router.get("/who-may-be-one")
def show(
    visit: CurrentVisit,
    state: ReviewState = ReviewState.WAITING,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """List the pairs in one state; without names, as reading those is a look of its own."""
    found = visit.services.reviews(visit.who, [state])
    if isinstance(found, NotShown):
        raise HTTPException(404)
    return visit.show("pairs.html", pairs=pairs_page(found, state, page, visit.who.id))
