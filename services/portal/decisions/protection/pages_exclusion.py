"""The pages on which a family names a worker who must not see it: of somebody known, of anybody.

What is typed wrongly is said; after that the answer is one, whoever is named and about whom.
"""

from fastapi import Depends
from starlette.responses import Response

from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.decisions.protection.excluding import LONGEST_NAME
from services.people.practitioners.people import SubjectEntry
from services.people.practitioners.permissions import Permission
from services.portal.decisions.pages import taken
from services.portal.frame.addresses import WHO_MUST_NOT_SEE, PersonInPath
from services.portal.frame.forms import SEARCHABLE_SCHEMES, FormErrors, Submitted, read_subject
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit
from services.portal.words.cards import choices_of
from services.portal.words.frame import FamilyPage

router = guarded_router(Permission.FAMILY_RECORDS)
_CHECKED = [Depends(FormCheck(FormPurpose.NAME_EXCLUDED))]
_WHY = {
    "is-empty": "Enter the worker’s full name",
    "is-too-long": f"The worker’s name must be {LONGEST_NAME} characters or fewer",
}


@router.get("/families/{person}/consent/who-must-not-see")
def show_form(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show the form to who may open the family."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    return _form(visit, person, visit.typed(), FormErrors())


@router.post("/families/{person}/consent/who-must-not-see", dependencies=_CHECKED)
def name_worker(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Take it down; from anybody."""
    errors = FormErrors()
    if _is_taken(visit, person, form, errors):
        return taken(visit)
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    return _form(visit, person, form, errors)


# By number and date of birth: whoever a family turns to, also who does not work with it.


@router.get(WHO_MUST_NOT_SEE)
def show_first_form(visit: CurrentVisit) -> Response:
    """Show the form."""
    return _first_form(visit, visit.typed(), FormErrors())


@router.post(WHO_MUST_NOT_SEE, dependencies=_CHECKED)
def name_worker_first(visit: CurrentVisit, form: Form) -> Response:
    """Take it down about the person with that number and date of birth, or about nobody."""
    errors = FormErrors()
    subject = read_subject(form, errors, visit.today)
    if _is_taken(visit, subject, form, errors):
        return taken(visit)
    return _first_form(visit, form, errors)


def _is_taken(
    visit: Visit, about: PersonId | SubjectEntry | None, form: Submitted, errors: FormErrors
) -> bool:
    """Whether it was written down; else the errors say what was typed wrongly."""
    kind = form.text("works-in")
    works_in = Source(kind) if kind in set(Source) else None
    try:
        visit.services.require_worker(form.text("worker"))
    except DecisionInvalidError as error:
        errors.add("worker", _WHY[error.reason])
    if errors or about is None:
        return False
    visit.services.name_excluded(visit.who, about, form.text("worker"), works_in)
    return True


def _form(visit: Visit, person: PersonId, form: Submitted, errors: FormErrors) -> Response:
    return visit.show_family(
        "name_excluded.html",
        FamilyPage.CONSENT,
        person,
        status=422 if errors else 200,
        form=form,
        errors=errors,
        kinds=choices_of(Source, form.chosen("works-in")),
        action=visit.addresses(person).who_must_not_see,
        token=visit.token(FormPurpose.NAME_EXCLUDED),
    )


def _first_form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "name_excluded_first.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        schemes=choices_of(SEARCHABLE_SCHEMES, form.chosen("scheme")),
        kinds=choices_of(Source, form.chosen("works-in")),
        action=WHO_MUST_NOT_SEE,
        token=visit.token(FormPurpose.NAME_EXCLUDED),
    )
