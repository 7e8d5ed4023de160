"""Signing in by a provider, or in the demonstration by picking who one is; and signing out."""

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response

from schemas.identifiers import PractitionerId
from schemas.vocabulary import LabelledCode
from services.people.practitioners.coming_in import Going
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import HOME, SIGN_IN, SIGN_IN_BEGIN, SIGN_OUT, is_own
from services.portal.frame.forms import FormErrors
from services.portal.frame.guard import Form, FormCheck, guarded_router, router_before_conditions
from services.portal.frame.portal import portal_of
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import go_to
from services.portal.front.sign_in.words import people_choices, refusal_in_words

open_router = guarded_router(Permission.ANYONE)
demonstration_router = guarded_router(Permission.ANYONE)
signed_in_router = router_before_conditions()

# Not "cookies": browsers would clear those of all the council's other sites below the same name
# (W3C Clear Site Data, 3.1). What is cached includes pages kept for going back to.
CLEARED = '"cache", "storage"'


@open_router.get(SIGN_IN)
def show_sign_in(request: Request) -> Response:
    """Show by which provider, or as whom, one may sign in."""
    return _sign_in_page(request, FormErrors(), _own(request.query_params.get("to", "")))


@demonstration_router.post(SIGN_IN)
def sign_in(request: Request, form: Form) -> Response:
    """Open a session for the invented person that was picked, and end the one before it.

    Without a form token, so that programs can sign in: there is no session to bind it to, and
    the guard has refused other sites' pages.
    """
    portal = portal_of(request)
    person, back_to = PractitionerId(form.text("person")), _own(form.text("to"))
    known = {p.id for p in portal.services.demonstration_people()}
    secret = portal.services.sign_in(person) if person in known else None
    if secret is None:
        errors = FormErrors()
        errors.add("person", "Select who you are")
        return _sign_in_page(request, errors, back_to)
    former = portal.cookie.read(request)
    if former is not None:
        portal.services.sign_out(former)
    return signed_in(request, person, secret, back_to)


def signed_in(request: Request, who: PractitionerId, secret: str, back_to: str) -> Response:
    """Give the session to the browser, and go to where they left something, or came from."""
    portal = portal_of(request)
    browser = portal.browser.read(request)
    left = None if browser is None else portal.services.sessions.where_typed(who, browser)
    response = go_to(_own(left or back_to))
    portal.cookie.give(response, secret)
    return response


def _own(address: str) -> str:
    """Where somebody may be sent to; home for any other address."""
    return address if is_own(address) and not address.startswith(SIGN_IN) else HOME


def _sign_in_page(request: Request, errors: FormErrors, back_to: str) -> Response:
    portal = portal_of(request)
    people = portal.services.demonstration_people() if portal.settings.is_demonstration else ()
    words = {
        "people": people_choices(people),
        "providers": portal.services.signing_in.providers(),
        "back_to": back_to,
        "errors": errors,
    }
    return portal.templates.page(request, "sign_in.html", words, 422 if errors else 200)


# Going to a provider, and signing out there.


@open_router.post(SIGN_IN_BEGIN)
def begin(request: Request, form: Form) -> Response:
    """Begin a sign-in in this browser.

    Without a form token, as nobody is signed in: the guard has refused other sites' pages, and
    what comes back belongs to this browser alone.
    """
    return go_to_provider(request, form.text("provider"), _own(form.text("to")), None)


def go_to_provider(
    request: Request, provider: str, back_to: str, again_as: PractitionerId | None
) -> Response:
    """Have the browser go on to the provider, or say why it cannot.

    By a page, not by a redirect: browsers hold the policy of where a form may go (CSP
    `form-action`) against each address to which a provider sends it on.
    """
    portal = portal_of(request)
    browser = portal.browser.read_or_make(request)
    found = portal.services.signing_in.begin(
        provider, browser, back_to=_own(back_to), again_as=again_as
    )
    if not isinstance(found, Going):
        return refused_page(request, found)
    words = {"address": found.address, "is_signing_out": False}
    response = portal.templates.page(request, "sign_in_going.html", words)
    portal.browser.give(response, browser)
    return response


def refused_page(request: Request, because: LabelledCode | None) -> Response:
    """Say why nobody came in, and what to do; no more than that."""
    portal = portal_of(request)
    words = {"refusal": refusal_in_words(because), "contact": portal.settings.sign_in_contact}
    return portal.templates.page(request, "sign_in_refused.html", words, 403)


@signed_in_router.post(SIGN_OUT, dependencies=[Depends(FormCheck(FormPurpose.SIGN_OUT))])
def sign_out(request: Request) -> Response:
    """End the session at once, in the database and in the browser, and offer to do so there."""
    portal = portal_of(request)
    secret = portal.cookie.read(request)
    there = None if secret is None else portal.services.sign_out(secret)
    address = None if there is None else portal.services.signing_in.address_to_sign_out(*there)
    if address is None:
        response: Response = go_to(SIGN_IN)
    else:
        words = {"address": address, "is_signing_out": True}
        response = portal.templates.page(request, "sign_in_going.html", words)
    portal.cookie.take_back(response)
    portal.browser.take_back(response)
    response.headers["Clear-Site-Data"] = CLEARED
    return response
