"""The link, the code, and going away again. Nothing here tells of any request."""

from typing import Annotated, Final
from urllib.parse import quote

from fastapi import Path
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.interfaces.answering.door.frame import AnswerForm, answering_pages, router_for_anybody
from services.interfaces.family_door.frame import new_browser, to
from services.platform.ticks import refused

CODE, REQUEST, YEARLY = "/code", "/request", "/yearly"
_FOR_EVER: Final = "public, max-age=31536000, immutable"
_LinkInPath = Annotated[str, Path(max_length=100)]
router = router_for_anybody()


@router.get("/answer/{link}")
def show_start(request: Request, link: _LinkInPath) -> Response:
    """Say what to do next. Nothing is looked up and nothing changes: scanners fetch links."""
    return answering_pages(request).page(request, "start.html", {"link": quote(link, safe="")})


@router.get("/still-right/{link}")
def show_yearly_start(request: Request, link: _LinkInPath) -> Response:
    """The same for the question of each year; nothing is looked up here either."""
    told = {"link": quote(link, safe=""), "is_yearly": True}
    return answering_pages(request).page(request, "start.html", told)


@router.post("/answer/{link}/code")
def ask_for_code(request: Request, link: _LinkInPath) -> Response:
    """Send a code where one may go. The answer is one, and leaves at a tick."""
    refused(request)
    pages, browser = answering_pages(request), new_browser()
    pages.services.ask_for_code(link, browser, _network(request))
    response = to(CODE)
    pages.browser.give(response, browser)
    return response


@router.get(CODE)
def show_code(request: Request) -> Response:
    """Ask for the code; nothing is looked up, so nothing can be told."""
    return answering_pages(request).page(request, "code.html", {})


@router.post(CODE)
def type_code(request: Request, form: AnswerForm) -> Response:
    """Open what a right code opens; whatever else was typed gets one page, at a tick."""
    refused(request)
    pages = answering_pages(request)
    browser = pages.browser.read(request) or ""
    secret = pages.services.type_code(browser, form.text("code"))
    session = None if secret is None else pages.services.session(secret)
    if secret is None or session is None:
        errors = {"code": "That did not work. Look at the 6 numbers."}
        return pages.page(request, "code.html", {"errors": errors}, 422)
    if not session.is_yearly and pages.services.has_accepted(session):
        pages.services.open(session)
    response = to(YEARLY if session.is_yearly else REQUEST)
    pages.session.give(response, secret)
    pages.browser.take_back(response)
    return response


@router.get("/assets/{digest}/{name}")
def show_asset(
    request: Request,
    digest: Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")],
    name: Annotated[str, Path(pattern=r"^[a-z0-9.-]{1,60}$")],
) -> Response:
    """Give a style, script or picture."""
    found = answering_pages(request).assets.find(digest, name)
    if found is None:
        raise HTTPException(404)
    headers = {"Cache-Control": _FOR_EVER}
    return Response(found.content, media_type=found.media_type, headers=headers)


def _network(request: Request) -> str:
    return "" if request.client is None else request.client.host
