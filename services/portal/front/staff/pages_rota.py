"""Pages of an agency's rota: who stands in for whom, a new shift, and "Close now"."""

import re
from datetime import datetime, time

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.identifiers import PractitionerId
from schemas.uk_time import when_clocks_show
from services.people.practitioners.permissions import Permission
from services.people.relationships.cover import CoverRefusal
from services.portal.frame.addresses import AgencyInPath, CoverInPath
from services.portal.frame.forms import FormErrors, Submitted, read_choice, read_date
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.staff.services_rota import RotaTold, ShiftWanted
from services.portal.front.staff.words import agency_address
from services.portal.front.staff.words_rota import (
    DONE,
    ShiftKind,
    field_of,
    people_to_choose,
    rota_address,
    shift_lines,
    why_no_shift,
)
from services.portal.words.cards import choices_of

router = guarded_router(Permission.STAFF)
_CHECKED = [Depends(FormCheck(FormPurpose.WRITE_COVER))]
_CLOCK = re.compile(r"([0-9]{1,2})[:.]?([0-9]{2})")


@router.get("/staff/agencies/{agency}/rota")
def show_rota(visit: CurrentVisit, agency: AgencyInPath, done: str | None = None) -> Response:
    """Show who stands in for whom, and the form for a shift."""
    return _page(visit, agency, visit.typed(), FormErrors(), done=done)


@router.post("/staff/agencies/{agency}/rota", dependencies=_CHECKED)
def write_shift(visit: CurrentVisit, agency: AgencyInPath, form: Form) -> Response:
    """Write a shift, and show the rota with it."""
    errors = FormErrors()
    wanted = _read(form, errors)
    if errors or wanted is None:
        return _page(visit, agency, form, errors)
    written = visit.services.rota.write_shift(visit.who, agency, wanted)
    if written is None:
        raise HTTPException(404)
    if isinstance(written, CoverRefusal):
        errors.add(field_of(written), why_no_shift(written))
        return _page(visit, agency, form, errors)
    return go_to(f"{rota_address(agency)}?done=written")


@router.post("/staff/agencies/{agency}/rota/{cover}/close", dependencies=_CHECKED)
def close_shift(visit: CurrentVisit, agency: AgencyInPath, cover: CoverInPath) -> Response:
    """End a shift now; sent again it has ended already."""
    is_closed = visit.services.rota.close_shift(visit.who, agency, cover)
    if is_closed is None:
        raise HTTPException(404)
    return go_to(f"{rota_address(agency)}?done={'closed' if is_closed else 'over'}")


def _read(form: Submitted, errors: FormErrors) -> ShiftWanted | None:
    covering = form.text("covering")
    if not covering:
        errors.add("covering", "Select who stands in or learns")
    covered = form.text("covered")
    if not covered:
        errors.add("covered", "Select whose families they are")
    kind = read_choice(form, errors, "kind", ShiftKind, "Select what it is")
    since = _read_moment(form, errors, "since", "it begins")
    until = _read_moment(form, errors, "until", "it ends")
    if errors or kind is None or since is None or until is None:
        return None
    is_student = kind is ShiftKind.PLACEMENT
    return ShiftWanted(
        PractitionerId(covered), PractitionerId(covering), since, until, is_student=is_student
    )


def _read_moment(form: Submitted, errors: FormErrors, name: str, what: str) -> datetime | None:
    day = read_date(form, errors, name, f"Enter the day on which {what}, with month and year")
    clock = _CLOCK.fullmatch(form.text(f"{name}-time"))
    try:
        shown = None if clock is None else time(int(clock[1]), int(clock[2]))
    except ValueError:
        shown = None
    if shown is None:
        errors.add(f"{name}-time", f"Enter the time at which {what}, such as 17:30")
    return None if day is None or shown is None else when_clocks_show(datetime.combine(day, shown))


def _page(
    visit: Visit, agency: str, form: Submitted, errors: FormErrors, *, done: str | None = None
) -> Response:
    told = visit.services.rota.rota(visit.who, agency)
    if told is None:
        raise HTTPException(404)
    return visit.show(
        "staff_rota.html",
        422 if errors else 200,
        agency=told.agency,
        agency_href=agency_address(agency),
        here=rota_address(agency),
        shifts=shift_lines(told, visit.services.now()),
        covering=_people(visit, told, form.text("covering")),
        covered=_people(visit, told, form.text("covered")),
        kinds=choices_of(ShiftKind, form.chosen("kind")),
        form=form,
        errors=errors,
        token=visit.token(FormPurpose.WRITE_COVER),
        notice=DONE.get(done or ""),
    )


def _people(visit: Visit, told: RotaTold, chosen: str) -> list[dict[str, object]]:
    """Whom one may put on it: anybody but oneself."""
    return people_to_choose((one for one in told.people if one.id != visit.who.id), chosen)
