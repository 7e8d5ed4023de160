"""The page of school lists that would take so many off that a data steward is asked."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.people.governance.orders import NotTheirs, Order
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import SCHOOL_LISTS, ReviewInPath
from services.portal.frame.guard import FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.who_is_who.lists import ListDone, list_in_words

router = guarded_router(Permission.WHO_IS_WHO)


@router.get("/school-lists")
def show_lists(visit: CurrentVisit, done: ListDone | None = None) -> Response:
    """List the questions that wait: how many of how many, without names."""
    found = visit.services.lists.waiting(visit.who)
    if found is None:
        raise HTTPException(404)
    return visit.show(
        "school_lists.html",
        lists=[list_in_words(order) for order in found],
        token=visit.token(FormPurpose.ANSWER_LIST),
        notice=None if done is None else done.label,
        is_done=done in {ListDone.AGREED, ListDone.DECLINED},
    )


@router.post(
    "/school-lists/{order}/agree", dependencies=[Depends(FormCheck(FormPurpose.ANSWER_LIST))]
)
def agree(visit: CurrentVisit, order: ReviewInPath) -> Response:
    """Let them go, then say so."""
    return _answer(visit, order, agrees=True)


@router.post(
    "/school-lists/{order}/decline", dependencies=[Depends(FormCheck(FormPurpose.ANSWER_LIST))]
)
def decline(visit: CurrentVisit, order: ReviewInPath) -> Response:
    """Let nobody go, then say so."""
    return _answer(visit, order, agrees=False)


def _answer(visit: Visit, order: str, *, agrees: bool) -> Response:
    answered = visit.services.lists.answer(visit.who, order, agrees=agrees)
    if answered is NotTheirs.NOT_THERE:
        raise HTTPException(404)
    done = ListDone.AGREED if agrees else ListDone.DECLINED
    said = done if isinstance(answered, Order) else ListDone.ANSWERED
    return go_to(f"{SCHOOL_LISTS}?done={said.value}")
