"""Pages of who works where, for administrators and for a lead's own agency."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.vocabulary import Role
from services.people.practitioners.permissions import Permission
from services.people.relationships.staff import StaffRefusal
from services.portal.frame.addresses import STAFF, AgencyInPath, PractitionerInPath
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.staff.services import ON_A_PAGE, StaffAct
from services.portal.front.staff.words import (
    DONE,
    SUSPENDED,
    agency_address,
    agency_lines,
    buttons,
    member_lines,
    person_address,
    state_lines,
    waiting_lines,
    why_not_in_words,
)

router = guarded_router(Permission.STAFF)


@router.get("/staff")
def show_agencies(visit: CurrentVisit, after: AgencyInPath | None = None) -> Response:
    """List the agencies that one looks after."""
    found = visit.services.staff.agencies(visit.who, after or "")
    shown = found[:ON_A_PAGE]
    is_more = len(found) > len(shown)
    return visit.show(
        "staff.html",
        agencies=agency_lines(shown),
        next=f"{STAFF}?after={shown[-1].code}" if is_more else None,
        is_administrator=visit.who.role is Role.ADMINISTRATOR,
    )


@router.get("/staff/agencies/{agency}")
def show_agency(
    visit: CurrentVisit,
    agency: AgencyInPath,
    after: PractitionerInPath | None = None,
    done: str | None = None,
) -> Response:
    """List an agency's people by name, and what waits there."""
    told = visit.services.staff.agency(visit.who, agency, after)
    if told is None:
        raise HTTPException(404)
    here = agency_address(agency)
    return visit.show(
        "staff_agency.html",
        agency=told.agency,
        people=member_lines(told),
        waiting=waiting_lines(told.waiting),
        next=None if told.next is None else f"{here}?after={told.next}",
        is_first=after is None,
        here=here,
        is_administrator=visit.who.role is Role.ADMINISTRATOR,
        notice=DONE.get(done or ""),
    )


@router.get("/staff/people/{practitioner}")
def show_person(
    visit: CurrentVisit, practitioner: PractitionerInPath, done: str | None = None
) -> Response:
    """Show somebody: where they work, since when and by whom, and what can be done."""
    return person_page(visit, practitioner, visit.typed(), FormErrors(), done=done)


@router.post(
    "/staff/people/{practitioner}", dependencies=[Depends(FormCheck(FormPurpose.ACT_ON_STAFF))]
)
def act(visit: CurrentVisit, practitioner: PractitionerInPath, form: Form) -> Response:
    """Do what the button says, at once or by asking; then say so."""
    errors = FormErrors()
    said = read_choice(form, errors, "act", StaffAct, "Select what is to be done")
    if said is None:
        return person_page(visit, practitioner, form, errors)
    done = visit.services.staff.act(visit.who, practitioner, said)
    if done is None:
        raise HTTPException(404)
    if isinstance(done, StaffRefusal):
        errors.add("act", why_not_in_words(done))
        return person_page(visit, practitioner, form, errors)
    return go_to(f"{person_address(practitioner)}?done={said.value}")


def person_page(
    visit: Visit,
    practitioner: PractitionerInPath,
    form: Submitted,
    errors: FormErrors,
    *,
    done: str | None = None,
) -> Response:
    """The page of somebody, with what is wrong with a form on it."""
    told = visit.services.staff.person(visit.who, practitioner)
    if told is None:
        raise HTTPException(404)
    is_administrator = visit.who.role is Role.ADMINISTRATOR
    now, here = told.now, person_address(practitioner)
    return visit.show(
        "staff_person.html",
        422 if errors else 200,
        person=told,
        suspended=SUSPENDED if now is not None and now.suspended_at is not None else None,
        states=state_lines(told),
        waiting=waiting_lines(told.waiting),
        buttons=buttons(now, is_administrator=is_administrator, signs_in=bool(told.sign_ins)),
        here=here,
        agency_href=agency_address(told.agency.code),
        may_change=is_administrator,
        form=form,
        errors=errors,
        act_token=visit.token(FormPurpose.ACT_ON_STAFF),
        join_token=visit.token(FormPurpose.JOIN_SIGN_IN),
        notice=DONE.get(done or ""),
    )
