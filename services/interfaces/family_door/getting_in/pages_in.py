"""Getting in and out: the first page, a code, leaving fast."""

from datetime import date
from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.interfaces.family_door.frame import (
    FamilyForm,
    leaving,
    new_browser,
    open_router,
    pages_of,
    to,
)
from services.interfaces.family_door.getting_in.ways import FamilyIn
from services.platform.ticks import refused
from services.portal.frame.forms import Submitted

START, SIGN_IN, CODE, HOME = "/", "/sign-in", "/code", "/home"
_FOR_EVER = "public, max-age=31536000, immutable"
router = open_router()


@router.get(START)
def show_start(request: Request) -> Response:
    """Say what this is, and how to leave it, before anything else."""
    return pages_of(request).page(request, "start.html", {})


@router.get(SIGN_IN)
def show_sign_in(request: Request) -> Response:
    """Ask for a number or an address."""
    pages = pages_of(request)
    return pages.page(request, "sign_in.html", {"ways": pages.services.ways.labels()})


@router.post(SIGN_IN)
def ask_for_code(request: Request, form: FamilyForm) -> Response:
    """Send a code where one may go. The answer is one, and leaves at a tick."""
    refused(request)
    pages, browser = pages_of(request), new_browser()
    by_code = pages.services.ways.by_code
    response = to(by_code.begin(browser, _network(request), typed=form.text("contact")) or CODE)
    pages.browser.give(response, browser)
    return response


@router.get(CODE)
def show_code(request: Request) -> Response:
    """Ask for the code; nothing is looked up, so nothing can be told."""
    return pages_of(request).page(request, "code.html", {})


@router.post(CODE)
def type_code(request: Request, form: FamilyForm) -> Response:
    """Open what a right code opens; whatever else was typed gets one page, at a tick."""
    refused(request)
    pages = pages_of(request)
    browser = pages.browser.read(request) or ""
    brought = {"code": form.text("code"), "born": _born(form)}
    done = pages.services.ways.by_code.finish(browser, _network(request), brought)
    if not isinstance(done, FamilyIn):
        errors = {"code": "That did not work. Look at the 6 numbers and your birthday."}
        return pages.page(request, "code.html", {"errors": errors}, 422)
    response = to(HOME)
    pages.session.give(response, done.secret)
    pages.browser.take_back(response)
    return response


@router.get("/leave")
def leave_fast(request: Request) -> Response:
    """End the session, clear what can be cleared, and go to a page that everybody reads."""
    pages = pages_of(request)
    secret = pages.session.read(request)
    if secret is not None:
        pages.services.sign_out(secret)
    return leaving(pages, pages.settings.exit_to)


@router.get("/safety")
def show_safety(request: Request) -> Response:
    """Say what is safer, and what this cannot do."""
    return pages_of(request).page(request, "safety.html", {})


@router.get("/assets/{digest}/{name}")
def show_asset(
    request: Request,
    digest: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")],
    name: Annotated[str, Path(pattern=r"^[a-z0-9.-]{1,60}$")],
) -> Response:
    """Give a style, script or picture."""
    found = pages_of(request).assets.find(digest, name)
    if found is None:
        raise HTTPException(404)
    headers = {"Cache-Control": _FOR_EVER}
    return Response(found.content, media_type=found.media_type, headers=headers)


def _born(form: Submitted) -> str:
    try:
        day, month, year = (int(form.text(f"born-{part}")) for part in ("day", "month", "year"))
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def _network(request: Request) -> str:
    return "" if request.client is None else request.client.host
