"""Signing in. In the demonstration one picks an invented person."""

from starlette.requests import Request
from starlette.responses import Response

from schemas.identifiers import PractitionerId
from services.portal.addresses import HOME
from services.portal.form_check import Form
from services.portal.forms import FormErrors
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.portal import portal_of
from services.portal.presenters.demonstration import people_choices
from services.portal.signed_in import go_to

router = guarded_router(Permission.ANYONE)
demonstration_router = guarded_router(Permission.ANYONE)


@router.get("/sign-in")
def show(request: Request) -> Response:
    """Show who one may sign in as."""
    return _page(request, FormErrors())


@demonstration_router.post("/sign-in")
def sign_in(request: Request, form: Form) -> Response:
    """Open a session for the invented person that was picked, and end the one before it.

    Without a form token, so that programs can sign in: there is no session to bind it to, and
    the guard has refused other sites' pages.
    """
    portal = portal_of(request)
    person = PractitionerId(form.text("person"))
    known = {p.id for p in portal.services.demonstration_people()}
    secret = portal.services.sign_in(person) if person in known else None
    if secret is None:
        errors = FormErrors()
        errors.add("person", "Select who you are")
        return _page(request, errors)
    former = portal.cookie.read(request)
    if former is not None:
        portal.services.sign_out(former)
    response = go_to(HOME)
    portal.cookie.give(response, secret)
    return response


def _page(request: Request, errors: FormErrors) -> Response:
    portal = portal_of(request)
    people = portal.services.demonstration_people() if portal.settings.is_demonstration else ()
    words = {"people": people_choices(people), "errors": errors}
    return portal.templates.page(request, "sign_in.html", words, 422 if errors else 200)
