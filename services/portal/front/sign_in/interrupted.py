"""What is answered when somebody has to sign in, again or at all; what they typed is kept.

Nothing is sent for them: signed in, the same account is back on the form, filled in, in the same
browser. A form that no page of this session's has shown is not kept.
"""

from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match

from schemas.identifiers import PersonId, PractitionerId
from services.portal.frame.addresses import CONDITIONS, HOME, SIGN_IN, is_own, own_address
from services.portal.frame.errors import (
    ConditionsNotAcceptedError,
    NotSignedInError,
    SignInNotFreshError,
)
from services.portal.frame.forms import Submitted, read_form
from services.portal.frame.guard import session_of
from services.portal.frame.portal import portal_of
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, is_any_form_token
from services.portal.frame.visit import Visit, go_to


def add_interruptions(app: FastAPI) -> None:
    """Answer what interrupts somebody with a page that leads back."""
    app.add_exception_handler(NotSignedInError, _not_signed_in)
    app.add_exception_handler(SignInNotFreshError, _not_fresh)
    app.add_exception_handler(ConditionsNotAcceptedError, _not_accepted)


async def _not_signed_in(request: Request, _error: Exception) -> Response:
    """Lead to sign-in and back; keep what was typed where a session has just ended by itself."""
    if request.method != "POST":
        return go_to(_with_way_back(SIGN_IN, own_address(request)))
    try:
        form = await read_form(request)
    except HTTPException:
        return go_to(SIGN_IN)
    return await run_in_threadpool(_session_over, request, form)


def _session_over(request: Request, form: Submitted) -> Response:
    portal = portal_of(request)
    secret = portal.cookie.read(request)
    over = None if secret is None else portal.services.sessions.over(secret)
    if over is None or not is_any_form_token(form.text(TOKEN_FIELD), over.csrf_secret):
        return go_to(SIGN_IN)
    address = form_page(request)
    if address is None or not is_something(form):
        return go_to(_with_way_back(SIGN_IN, address or HOME))
    words = {"sign_in": _with_way_back(SIGN_IN, address)}
    response = portal.templates.page(request, "session_over.html", words, 403)
    keep(request, response, over.who, address, form)
    return response


def _not_fresh(request: Request, error: Exception) -> Response:
    """Ask them to show who they are; what they sent is kept for when they are back."""
    if not isinstance(error, SignInNotFreshError):
        raise error
    visit = Visit(request, portal_of(request), session_of(request), None)
    address = form_page(request) or HOME
    response = visit.show(
        "sign_in_again.html",
        403,
        back_to=address,
        is_picked=visit.session.provider is None,
        token=visit.token(FormPurpose.SIGN_IN_AGAIN),
    )
    keep(request, response, visit.who.id, address, error.form)
    return response


async def _not_accepted(request: Request, _error: Exception) -> Response:
    """Lead to the conditions and back; a year may be over while somebody fills in a form."""
    if request.method != "POST":
        return go_to(_with_way_back(CONDITIONS, own_address(request)))
    try:
        form = await read_form(request)
    except HTTPException:
        return go_to(CONDITIONS)
    return await run_in_threadpool(_year_over, request, form)


def _year_over(request: Request, form: Submitted) -> Response:
    portal = portal_of(request)
    secret = portal.cookie.read(request)
    session = None if secret is None else portal.services.session(secret)
    if session is None or not is_any_form_token(form.text(TOKEN_FIELD), session.csrf_secret):
        return go_to(CONDITIONS)
    address = form_page(request)
    response = go_to(_with_way_back(CONDITIONS, address or HOME))
    if address is not None and is_something(form):
        keep(request, response, session.practitioner.id, address, form)
    return response


def keep(
    request: Request, response: Response, who: PractitionerId, address: str, form: Submitted
) -> None:
    """Seal the fields for the same account and browser, and for whom the address names."""
    portal = portal_of(request)
    browser = portal.browser.read_or_make(request)
    person = request.path_params.get("person")
    about = PersonId(person) if isinstance(person, str) else None
    fields = {name: list(found) for name, found in form.fields.items() if name != TOKEN_FIELD}
    portal.services.sessions.keep_typed(who, about, address, fields, browser)
    portal.browser.give(response, browser)


def is_something(form: Submitted) -> bool:
    """Whether anything was typed."""
    return any(form.text(name) for name in form.fields if name != TOKEN_FIELD)


def form_page(request: Request) -> str | None:
    """The address of the page with the form: the same as it is sent to, or whence it was sent."""
    if _has_page(request):
        return own_address(request)
    sent_from = urlsplit(request.headers.get("referer", ""))
    if sent_from.netloc != request.headers.get("host"):
        return None
    address = f"{sent_from.path}?{sent_from.query}" if sent_from.query else sent_from.path
    return address if is_own(address) else None


def _has_page(request: Request) -> bool:
    scope = {**request.scope, "method": "GET"}
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.router.routes)


def _with_way_back(page: str, address: str) -> str:
    """The page, with where it leads afterwards; home needs no saying."""
    is_worth_it = is_own(address) and address != HOME
    return f"{page}?{urlencode({'to': address})}" if is_worth_it else page
