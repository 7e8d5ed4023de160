"""Writing down what the family said."""

from fastapi import Depends
from starlette.responses import Response

from schemas.identifiers import PersonId
from services.portal.addresses import PersonInPath
from services.portal.csrf import FormPurpose
from services.portal.form_check import Form, FormCheck
from services.portal.forms import FormErrors, Submitted
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.frame import FamilyPage
from services.portal.signed_in import CurrentVisit, Visit, go_to

MAX_TEXT = 4000
MAX_NAME = 100

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/story/new")
def show(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show the form."""
    return _form(visit, person, Submitted(), FormErrors())


@router.post(
    "/families/{person}/story/new", dependencies=[Depends(FormCheck(FormPurpose.ADD_STORY))]
)
def add(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Write it down, then show the story."""
    errors = _errors_in(form)
    if errors:
        return _form(visit, person, form, errors)
    refused = visit.services.add_story(
        visit.who, person, text=form.text("text"), told_by=form.text("told-by")
    )
    if refused is not None:
        return visit.show_refused(person, refused)
    address = visit.addresses(person).story
    return go_to(f"{address}{'&' if '?' in address else '?'}added=true")


def _errors_in(form: Submitted) -> FormErrors:
    errors = FormErrors()
    if not form.text("told-by"):
        errors.add("told-by", "Enter who said it")
    elif len(form.text("told-by")) > MAX_NAME:
        errors.add("told-by", f"Who said it must be {MAX_NAME} characters or fewer")
    if not form.text("text"):
        errors.add("text", "Enter what the family said")
    elif len(form.text("text")) > MAX_TEXT:
        errors.add("text", f"What the family said must be {MAX_TEXT} characters or fewer")
    return errors


def _form(visit: Visit, person: PersonId, form: Submitted, errors: FormErrors) -> Response:
    return visit.show_family(
        "add_story.html",
        FamilyPage.STORY,
        person,
        status=422 if errors else 200,
        form=form,
        errors=errors,
        token=visit.token(FormPurpose.ADD_STORY),
    )
