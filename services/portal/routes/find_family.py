"""Finding a family by a number and a date of birth. Nothing typed comes into an address."""

from fastapi import Depends
from starlette.responses import Response

from services.portal.csrf import FormPurpose
from services.portal.form_check import Form, FormCheck
from services.portal.forms import SEARCHABLE_SCHEMES, FormErrors, Submitted, read_subject
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.choices import choices_of
from services.portal.signed_in import CurrentVisit, Visit, go_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/find-a-family")
def show(visit: CurrentVisit) -> Response:
    """Show the form."""
    return _form(visit, Submitted(), FormErrors())


@router.post("/find-a-family", dependencies=[Depends(FormCheck(FormPurpose.FIND_FAMILY))])
def find(visit: CurrentVisit, form: Form) -> Response:
    """Go to the family; unknown and protected people get the same answer."""
    errors = FormErrors()
    subject = read_subject(form, errors, visit.today)
    if subject is None:
        return _form(visit, form, errors)
    person = visit.services.find_family(visit.who, subject)
    if person is None:
        return visit.show("family_not_found.html")
    return go_to(visit.addresses(person).overview)


def _form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "find_family.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        schemes=choices_of(SEARCHABLE_SCHEMES, form.chosen("scheme")),
        token=visit.token(FormPurpose.FIND_FAMILY),
    )
