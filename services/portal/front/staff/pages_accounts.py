"""Pages with which an administrator adds, changes and joins; a lead accepts on another page."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.people.practitioners.permissions import Permission
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.relationships.staff import StaffRefusal
from services.people.staffing.agencies import AgencyRefusal, is_one_line
from services.people.staffing.importing import RowOutcome
from services.people.staffing.lists_of_staff import OPTIONAL, REQUIRED, ListFault, read_staff_list
from services.portal.frame.addresses import AgencyInPath, PractitionerInPath
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.front.staff.pages import person_page
from services.portal.front.staff.words import (
    agency_address,
    list_in_words,
    person_address,
    why_not_in_words,
)
from services.portal.words.cards import choices_of

router = guarded_router(Permission.ACCOUNTS)


# An agency.


@router.get("/staff/add-agency")
def show_add_agency(visit: CurrentVisit) -> Response:
    """Show the form for an agency."""
    return _agency_form(visit, visit.typed(), FormErrors())


@router.post("/staff/add-agency", dependencies=[Depends(FormCheck(FormPurpose.ADD_AGENCY))])
def add_agency(visit: CurrentVisit, form: Form) -> Response:
    """Enter it, and go there."""
    errors = FormErrors()
    kind = read_choice(form, errors, "kind", Source, "Select what sort of agency it is")
    for name, message in (("code", "Enter its code"), ("name", "Enter its name")):
        if not form.text(name):
            errors.add(name, message)
    if errors or kind is None:
        return _agency_form(visit, form, errors)
    told = (form.text("telephone") or None, form.text("hours") or None)
    agency = Agency(form.text("code"), form.text("name"), kind, *told)
    found = visit.services.staff.add_agency(visit.who, agency)
    if isinstance(found, AgencyRefusal):
        errors.add(_FIELDS.get(found, "code"), found.label)
        return _agency_form(visit, form, errors)
    return go_to(f"{agency_address(agency.code)}?done=agency")


_FIELDS = {
    AgencyRefusal.NAME: "name",
    AgencyRefusal.TELEPHONE: "telephone",
    AgencyRefusal.HOURS: "hours",
}


def _agency_form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "staff_add_agency.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        kinds=choices_of(Source, form.chosen("kind")),
        token=visit.token(FormPurpose.ADD_AGENCY),
    )


# Somebody new in it.


@router.get("/staff/agencies/{agency}/add")
def show_add_person(visit: CurrentVisit, agency: AgencyInPath) -> Response:
    """Show the form for somebody new."""
    return _person_form(visit, agency, visit.typed(), FormErrors())


@router.post(
    "/staff/agencies/{agency}/add", dependencies=[Depends(FormCheck(FormPurpose.CHANGE_STAFF))]
)
def add_person(visit: CurrentVisit, agency: AgencyInPath, form: Form) -> Response:
    """Ask for them, and go to the agency."""
    errors = FormErrors()
    role = read_choice(form, errors, "role", Role, "Select their role")
    purpose = read_choice(form, errors, "purpose", Purpose, "Select what they usually look for")
    for name, message in (("name", "Enter their name"), ("job-title", "Enter their job title")):
        if not is_one_line(form.text(name)):
            errors.add(name, message)
    _read_lines(form, errors)
    if errors or role is None or purpose is None:
        return _person_form(visit, agency, form, errors)
    entry = PractitionerEntry(
        PractitionerId(""),
        form.text("name"),
        role,
        form.text("job-title"),
        agency,
        form.text("telephone") or None,
        form.text("worker-ref") or None,
        purpose,
    )
    asked = visit.services.staff.add(visit.who, entry)
    if isinstance(asked, StaffRefusal):
        errors.add(_FIELD_OF.get(asked, "name"), why_not_in_words(asked))
        return _person_form(visit, agency, form, errors)
    return go_to(f"{agency_address(agency)}?done=asked")


_FIELD_OF = {
    StaffRefusal.REF_TAKEN: "worker-ref",
    StaffRefusal.TWO_DUTIES: "role",
    StaffRefusal.NO_LEAD: "role",
    StaffRefusal.AGENCY_NOT_KNOWN: "agency",
}


def _read_lines(form: Submitted, errors: FormErrors) -> None:
    for name in ("worker-ref", "telephone"):
        if form.text(name) and not is_one_line(form.text(name)):
            errors.add(name, "Enter one line of up to 200 letters, or nothing")


def _person_form(visit: Visit, agency: str, form: Submitted, errors: FormErrors) -> Response:
    told = visit.services.staff.agency(visit.who, agency, None)
    if told is None:
        raise HTTPException(404)
    purposes = [one for one in Purpose if one is not Purpose.SUBJECT_ACCESS]
    return visit.show(
        "staff_add_person.html",
        422 if errors else 200,
        agency=told.agency,
        here=agency_address(agency),
        form=form,
        errors=errors,
        roles=choices_of(Role, form.chosen("role")),
        purposes=choices_of(purposes, form.chosen("purpose")),
        token=visit.token(FormPurpose.CHANGE_STAFF),
    )


# Somebody who is here: elsewhere, as something else, or by a sign-in.


@router.get("/staff/people/{practitioner}/change")
def show_change(visit: CurrentVisit, practitioner: PractitionerInPath) -> Response:
    """Show the form as it was typed, else with what is so now."""
    typed = visit.typed()
    return _change_form(visit, practitioner, typed if typed.fields else None, FormErrors())


@router.post(
    "/staff/people/{practitioner}/change",
    dependencies=[Depends(FormCheck(FormPurpose.CHANGE_STAFF))],
)
def change(visit: CurrentVisit, practitioner: PractitionerInPath, form: Form) -> Response:
    """Ask for it, and go back to them."""
    errors = FormErrors()
    role = read_choice(form, errors, "role", Role, "Select their role")
    if not is_one_line(form.text("agency")):
        errors.add("agency", "Enter the code of the agency")
    _read_lines(form, errors)
    if errors or role is None:
        return _change_form(visit, practitioner, form, errors)
    ref = form.text("worker-ref") or None
    asked = visit.services.staff.change(visit.who, practitioner, form.text("agency"), role, ref)
    if asked is None:
        raise HTTPException(404)
    if isinstance(asked, StaffRefusal):
        errors.add(_FIELD_OF.get(asked, "role"), why_not_in_words(asked))
        return _change_form(visit, practitioner, form, errors)
    return go_to(f"{person_address(practitioner)}?done=asked")


def _change_form(
    visit: Visit, practitioner: PractitionerInPath, form: Submitted | None, errors: FormErrors
) -> Response:
    told = visit.services.staff.person(visit.who, practitioner)
    if told is None:
        raise HTTPException(404)
    if form is None:
        now = told.now
        fields = {"agency": [told.agency.code]}
        if now is not None:
            fields |= {"role": [now.role.value], "worker-ref": [now.worker_ref or ""]}
        form = Submitted(fields)
    return visit.show(
        "staff_change.html",
        422 if errors else 200,
        person=told,
        here=person_address(practitioner),
        form=form,
        errors=errors,
        roles=choices_of(Role, form.chosen("role")),
        token=visit.token(FormPurpose.CHANGE_STAFF),
    )


@router.post(
    "/staff/people/{practitioner}/join", dependencies=[Depends(FormCheck(FormPurpose.JOIN_SIGN_IN))]
)
def join(visit: CurrentVisit, practitioner: PractitionerInPath, form: Form) -> Response:
    """Ask that whoever read out the code may open the account; what was typed is not shown."""
    errors = FormErrors()
    asked = visit.services.staff.join(visit.who, practitioner, form.text("code"))
    if asked is None:
        raise HTTPException(404)
    if isinstance(asked, StaffRefusal):
        errors.add("code", why_not_in_words(asked))
        return person_page(visit, practitioner, form, errors)
    return go_to(f"{person_address(practitioner)}?done=asked")


# A list of them, pasted from a spreadsheet or a file.


@router.get("/staff/import")
def show_import(visit: CurrentVisit) -> Response:
    """Show the form for a list."""
    return _import_form(visit, visit.typed(), FormErrors())


@router.post("/staff/import", dependencies=[Depends(FormCheck(FormPurpose.IMPORT_STAFF))])
def take_in(visit: CurrentVisit, form: Form) -> Response:
    """Say what the list would ask for; ask for it once that was seen."""
    errors = FormErrors()
    rows = read_staff_list(_pasted(form).encode())
    if isinstance(rows, ListFault):
        errors.add("list", rows.label)
        return _import_form(visit, form, errors)
    is_trial = form.text("step") != "ask"
    answers = visit.services.staff.take_in(visit.who, rows, is_dry_run=is_trial)
    is_refused = any(one.outcome is RowOutcome.REFUSED for one in answers)
    return _import_form(
        visit,
        form,
        errors,
        told=list_in_words(answers),
        may_ask=is_trial and not is_refused,
        is_done=not (is_trial or is_refused),
    )


def _pasted(form: Submitted) -> str:
    """The list as it was pasted: a tab at its end is the last row's empty cell."""
    return "".join(form.chosen("list")[:1]).strip("\r\n")


def _import_form(visit: Visit, form: Submitted, errors: FormErrors, **words: object) -> Response:
    return visit.show(
        "staff_import.html",
        422 if errors else 200,
        pasted=_pasted(form),
        errors=errors,
        required=", ".join(REQUIRED),
        optional=", ".join(OPTIONAL),
        token=visit.token(FormPurpose.IMPORT_STAFF),
        **words,
    )
