"""Coming back from a provider, choosing an account, and what a provider says of who signed out."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.people.practitioners.coming_in import CameIn, ChoosingAccount, Stranger
from services.people.practitioners.permissions import Permission
from services.people.signing_in.ports import Returned
from services.platform.ticks import refused
from services.portal.frame.addresses import (
    SIGN_IN_ACCOUNT,
    SIGN_IN_BACK,
    SIGN_IN_LOGOUT,
    ProviderInPath,
)
from services.portal.frame.errors import ForgedFormError
from services.portal.frame.forms import FormErrors, read_form
from services.portal.frame.guard import Form, guarded_router
from services.portal.frame.portal import portal_of
from services.portal.frame.session import TOKEN_FIELD, FormPurpose, form_token, is_form_token
from services.portal.frame.visit import go_to
from services.portal.front.sign_in.pages import refused_page, signed_in
from services.portal.front.sign_in.words import account_choices, stranger_in_words

router = guarded_router(Permission.ANYONE)
_LONGEST = 4096


@router.get(f"{SIGN_IN_BACK}/{{provider}}")
def come_back(request: Request, provider: ProviderInPath) -> Response:
    """Take what the browser brought, once; open a session, let them choose, or say what to do."""
    portal = portal_of(request)
    told = _told_once(request)
    returned = Returned(provider, told.get("code"), told.get("error"), told.get("iss"))
    came = portal.services.signing_in.come_back(
        returned,
        told.get("state", ""),
        portal.browser.read(request) or "",
        portal.cookie.read(request),
    )
    match came:
        case CameIn(opened, back_to):
            return signed_in(request, opened.practitioner, opened.secret, back_to)
        case ChoosingAccount():
            return go_to(SIGN_IN_ACCOUNT)
        case Stranger():
            words = {
                "stranger": stranger_in_words(came, portal.services.signing_in.providers()),
                "contact": portal.settings.sign_in_contact,
            }
            return portal.templates.page(request, "sign_in_stranger.html", words, 403)
        case _:
            return refused_page(request, came)


def _told_once(request: Request) -> Mapping[str, str]:
    """The parameters; one that stands twice, or is too long for any, is as if it were not there."""
    given = request.query_params
    return {
        name: value
        for name, value in given.items()
        if len(given.getlist(name)) == 1 and len(value) <= _LONGEST
    }


# ChoosingAccount among several accounts, in the browser that signed in and within minutes.


@router.get(SIGN_IN_ACCOUNT)
def show_accounts(request: Request) -> Response:
    """Show the accounts, or say that the time for it is over."""
    return _accounts_page(request, FormErrors())


@router.post(SIGN_IN_ACCOUNT)
def choose(request: Request, form: Form) -> Response:
    """Open the one that was chosen. The token of the form is the browser's own."""
    portal = portal_of(request)
    browser = portal.browser.read(request)
    if browser is None:
        return refused_page(request, None)
    purpose = FormPurpose.CHOOSE_ACCOUNT
    if not is_form_token(form.text(TOKEN_FIELD), browser.encode(), purpose):
        raise ForgedFormError("the token of the form is not this browser's own")
    former = portal.cookie.read(request)
    came = portal.services.signing_in.choose(form.text("account"), browser, former)
    if came is not None:
        return signed_in(request, came.opened.practitioner, came.opened.secret, came.back_to)
    errors = FormErrors()
    errors.add("account", "Select where you work now")
    return _accounts_page(request, errors)


def _accounts_page(request: Request, errors: FormErrors) -> Response:
    portal = portal_of(request)
    browser = portal.browser.read(request) or ""
    accounts = portal.services.signing_in.offered(browser) if browser else None
    if not accounts:
        return refused_page(request, None)
    words = {
        "accounts": account_choices(accounts),
        "errors": errors,
        "token": form_token(browser.encode(), FormPurpose.CHOOSE_ACCOUNT),
    }
    return portal.templates.page(request, "sign_in_account.html", words, 422 if errors else 200)


# What a provider says (OpenID Connect Back-Channel Logout 1.0). It has no cookie and no session:
# what it signed is all that counts.


async def _logout_token(request: Request) -> str | None:
    """The token, if the body is a form that has one."""
    try:
        return (await read_form(request)).text("logout_token") or None
    except HTTPException:
        return None


@router.post(f"{SIGN_IN_LOGOUT}/{{provider}}")
def log_out(
    request: Request,
    provider: ProviderInPath,
    token: Annotated[str | None, Depends(_logout_token)],
) -> Response:
    """Take it or not (section 2.8); how long that took tells nothing of whom it is about."""
    refused(request)
    if token and portal_of(request).services.signing_in.log_out(provider, token):
        return JSONResponse({})
    return JSONResponse({"error": "invalid_request"}, 400)
