"""The pages of orders of two: what waits for whoever is signed in, one of them, and an answer."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.vocabulary import Role
from services.people.governance.orders import Order
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import ORDERS, OrderInPath
from services.portal.frame.errors import SignInNotFreshError
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.orders import ASK_WHO_ONE_IS, MOST_LISTED, OrderAnswer
from services.portal.front.orders_words import order_in_words, order_lines, why_not_in_words
from services.portal.front.words import ended_lines

router = guarded_router(Permission.SECOND_HAND)


@router.get(ORDERS)
def show_orders(visit: CurrentVisit) -> Response:
    """List what waits for this practitioner's answer, or can be stopped by them."""
    found = visit.services.orders.waiting(visit.who)
    is_more = len(found) == MOST_LISTED
    is_lead = visit.who.role is Role.LEAD_PRACTITIONER
    ended = visit.services.governance.reviews_told(visit.who) if is_lead else ()
    lines = order_lines(found)
    return visit.show("orders.html", orders=lines, is_more=is_more, reviews=ended_lines(ended))


@router.get(f"{ORDERS}/{{order}}")
def show_order(visit: CurrentVisit, order: OrderInPath) -> Response:
    """Show one, with what comes of it and what has become of it."""
    return _page(visit, order, FormErrors())


@router.post(f"{ORDERS}/{{order}}", dependencies=[Depends(FormCheck(FormPurpose.ANSWER_ORDER))])
def answer(visit: CurrentVisit, order: OrderInPath, form: Form) -> Response:
    """Take the answer, then say what has become of it."""
    errors = FormErrors()
    said = read_choice(form, errors, "answer", OrderAnswer, "Select what you say")
    if said is None:
        return _page(visit, order, errors)
    _require_fresh(visit, order, said, form)
    answered = visit.services.orders.answer(visit.who, order, said)
    if answered is None:
        raise HTTPException(404)
    if not isinstance(answered, Order):
        errors.add("answer", why_not_in_words(answered))
        return _page(visit, order, errors)
    return go_to(f"{ORDERS}/{order}")


def _require_fresh(visit: Visit, order: str, said: OrderAnswer, form: Submitted) -> None:
    """What goes out, is erased, or changes who is protected from whom, needs somebody there now.

    Raises SignInNotFreshError. Declining and stopping need nothing.
    """
    if said is not OrderAnswer.CONFIRM or visit.is_fresh:
        return
    told = visit.services.orders.one(visit.who, order)
    if told is not None and told.order.kind in ASK_WHO_ONE_IS:
        raise SignInNotFreshError(form)


def _page(visit: Visit, order: str, errors: FormErrors) -> Response:
    told = visit.services.orders.one(visit.who, order)
    if told is None:
        raise HTTPException(404)
    return visit.show(
        "order.html",
        422 if errors else 200,
        order=order_in_words(told),
        errors=errors,
        token=visit.token(FormPurpose.ANSWER_ORDER),
    )
