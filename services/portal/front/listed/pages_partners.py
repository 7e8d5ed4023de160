"""Pages of partners who answer without a system: see how they stand, ask, confirm, end."""

from typing import Annotated

from fastapi import Depends, Path
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.people.community.model import PartnerStanding, RegistrationFault
from services.people.community.registering import Asked
from services.people.governance.orders import Order
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import OrderInPath
from services.portal.frame.forms import FormErrors, Submitted, read_date
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.listed.form_partners import FIELD_OF, filled_in, read_partner, rows_of
from services.portal.front.listed.services_partners import PartnerRegistered, RegisteringServices
from services.portal.front.listed.words_partners import (
    PARTNERS,
    partner_done,
    partner_lines,
    partner_words,
    why_not_registered,
)

router = guarded_router(Permission.FAMILY_RECORDS)
_CHECKED = [Depends(FormCheck(FormPurpose.REGISTER_PARTNER))]
PartnerInPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9._-]{0,47}$")]
_UNTIL = "Enter the day, month and year on which the insurance ends"


@router.get(PARTNERS)
def show_partners(visit: CurrentVisit) -> Response:
    """List them, those first about whom somebody has to do something."""
    found = _services(visit).partners(visit.who)
    if found is None:
        raise HTTPException(404)
    lines = partner_lines(found, visit.services.now())
    return visit.show("partners_who_answer.html", lines=lines)


@router.get(f"{PARTNERS}/{{partner}}")
def show_partner(visit: CurrentVisit, partner: PartnerInPath, done: str | None = None) -> Response:
    """Show who answers for one, what waits, and what can be done."""
    return _page(visit, _one(visit, partner), FormErrors(), done=done)


@router.get(f"{PARTNERS}/{{partner}}/register")
def begin_registration(visit: CurrentVisit, partner: PartnerInPath) -> Response:
    """Ask who answers, filled in as it stands."""
    found, typed = _one(visit, partner), visit.typed()
    return _form_page(visit, found, typed if typed.fields else filled_in(found), FormErrors())


@router.post(f"{PARTNERS}/{{partner}}/register", dependencies=_CHECKED)
def register(visit: CurrentVisit, partner: PartnerInPath, form: Form) -> Response:
    """Ask that it be so; until somebody else confirms it nothing changes."""
    found, errors = _one(visit, partner), FormErrors()
    command = read_partner(partner, form, errors)
    if command is not None:
        asked = _services(visit).register(visit.who, command)
        if isinstance(asked, Order):
            return go_to(f"{PARTNERS}/{partner}?done=asked")
        _note(asked, errors)
    return _form_page(visit, found, form, errors)


@router.post(f"{PARTNERS}/{{partner}}/renew", dependencies=_CHECKED)
def renew(visit: CurrentVisit, partner: PartnerInPath, form: Form) -> Response:
    """Ask that it stand as it is for another year."""
    found, errors = _one(visit, partner), FormErrors()
    until = read_date(form, errors, "insured-until", _UNTIL)
    if until is not None:
        asked = _services(visit).renew(visit.who, partner, until)
        if isinstance(asked, Order):
            return go_to(f"{PARTNERS}/{partner}?done=asked")
        _note(asked, errors)
    return _page(visit, found, errors, form=form)


@router.post(f"{PARTNERS}/{{partner}}/end", dependencies=_CHECKED)
def end(visit: CurrentVisit, partner: PartnerInPath, form: Form) -> Response:
    """Have nobody answer any more, at once."""
    found, errors = _one(visit, partner), FormErrors()
    if form.text("sure") != "yes":
        errors.add("sure", "Tick the box if nobody is to answer for them any more")
        return _page(visit, found, errors)
    ended = _services(visit).end(visit.who, partner)
    if not isinstance(ended, PartnerStanding):
        errors.add("sure", why_not_registered(ended))
        return _page(visit, found, errors)
    return go_to(f"{PARTNERS}/{partner}?done=ended")


@router.post(f"{PARTNERS}/{{partner}}/waiting/{{order}}", dependencies=_CHECKED)
def answer(visit: CurrentVisit, partner: PartnerInPath, order: OrderInPath, form: Form) -> Response:
    """Be the second hand, or decline."""
    found, errors = _one(visit, partner), FormErrors()
    said = form.text("answer")
    if said not in {"confirm", "decline"} or order not in {one.order for one in found.waiting}:
        raise HTTPException(404)
    done = _services(visit).answer(visit.who, order, confirms=said == "confirm")
    if isinstance(done, Order):
        return go_to(f"{PARTNERS}/{partner}?done={said}")
    errors.add("answer", why_not_registered(done))
    return _page(visit, _one(visit, partner), errors)


def _note(asked: Asked | None, errors: FormErrors) -> None:
    field = FIELD_OF.get(asked, "email-1") if isinstance(asked, RegistrationFault) else "email-1"
    errors.add(field, why_not_registered(asked))


def _page(
    visit: Visit,
    found: PartnerRegistered,
    errors: FormErrors,
    *,
    form: Submitted | None = None,
    done: str | None = None,
) -> Response:
    return visit.show(
        "partner_who_answers.html",
        422 if errors else 200,
        partner=partner_words(found, visit.services.now()),
        form=form or Submitted(),
        errors=errors,
        notice=partner_done(done),
        token=visit.token(FormPurpose.REGISTER_PARTNER),
    )


def _form_page(
    visit: Visit, found: PartnerRegistered, form: Submitted, errors: FormErrors
) -> Response:
    return visit.show(
        "partner_register.html",
        422 if errors else 200,
        partner=partner_words(found, visit.services.now()),
        rows=rows_of(found),
        form=form,
        errors=errors,
        token=visit.token(FormPurpose.REGISTER_PARTNER),
    )


def _services(visit: Visit) -> RegisteringServices:
    return visit.services.registering


def _one(visit: Visit, partner: str) -> PartnerRegistered:
    """It; for whoever works in no hub, and of no partner, there is no such page."""
    found = _services(visit).partner(visit.who, partner)
    if found is None:
        raise HTTPException(404)
    return found
