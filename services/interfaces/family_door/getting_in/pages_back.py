"""Signing in by a provider: going there, coming back, and what it says of who signed out.

Whoever does not come in is asked to the hub: one page, the same bytes, at a tick, whether they are
unknown, switched off, protected or somebody whom two may be.
"""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from services.interfaces.family_door.frame import (
    FamilyCookie,
    FamilyPages,
    new_browser,
    open_router,
    pages_of,
    to,
)
from services.interfaces.family_door.getting_in.ways import FamilyIn, GoesOn
from services.platform.ticks import refused
from services.portal.frame.forms import read_form

BACK = "/back/"
"""What the browser brought there is used up."""
router = open_router()
_LONGEST = 4096
_ProviderInPath = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


@router.post("/sign-in/{provider}")
def go_there(request: Request, provider: _ProviderInPath) -> Response:
    """Send the browser to the provider; where that is away, to the one page."""
    pages, browser = pages_of(request), new_browser()
    way = pages.services.ways.by_provider(provider)
    address = None if way is None else way.begin(browser, _network(request))
    if address is None:
        refused(request)
        return _ask_at_your_hub(request, pages)
    response = to(address)
    _coming_back(pages).give(response, browser)
    return response


@router.get(BACK + "{provider}")
def come_back(request: Request, provider: _ProviderInPath) -> Response:
    """Take what the browser brought, once. Its own page shows that they are in.

    The browser comes from elsewhere, so the strict cookie is only sent with the next page.
    """
    refused(request)
    pages = pages_of(request)
    browser = _coming_back(pages).read(request) or ""
    way = pages.services.ways.by_provider(provider)
    brought = _told_once(request)
    done = None if way is None else way.finish(browser, _network(request), brought)
    match done:
        case FamilyIn(secret):
            response: Response = pages.page(request, "getting_in/signed_in.html", {})
            pages.session.give(response, secret)
            _coming_back(pages).take_back(response)
            return response
        case GoesOn(address):
            return to(address)
        case _:
            return _ask_at_your_hub(request, pages)


async def _logout_token(request: Request) -> str | None:
    """The token, if the body is a form that has one."""
    try:
        return (await read_form(request)).text("logout_token") or None
    except HTTPException:
        return None


@router.post("/signed-out/{provider}")
def log_out(
    request: Request,
    provider: _ProviderInPath,
    token: Annotated[str | None, Depends(_logout_token)],
) -> Response:
    """Take it or not (Back-Channel Logout 1.0 section 2.8); of whom it is takes no longer."""
    refused(request)
    if token and pages_of(request).services.ways.sign_out_there(provider, token):
        return JSONResponse({})
    return JSONResponse({"error": "invalid_request"}, 400)


def _ask_at_your_hub(request: Request, pages: FamilyPages) -> Response:
    response = pages.page(request, "getting_in/ask_at_your_hub.html", {}, 403)
    _coming_back(pages).take_back(response)
    return response


def _coming_back(pages: FamilyPages) -> FamilyCookie:
    """Sent also when another site's page leads here, which the session's own cookie never is."""
    return FamilyCookie(pages.settings.cookie_secure, "family-back", from_elsewhere=True)


def _told_once(request: Request) -> Mapping[str, str]:
    """The parameters; one that stands twice, or is too long for any, is as if it were not there."""
    given = request.query_params
    return {
        name: value
        for name, value in given.items()
        if len(given.getlist(name)) == 1 and len(value) <= _LONGEST
    }


def _network(request: Request) -> str:
    return "" if request.client is None else request.client.host
