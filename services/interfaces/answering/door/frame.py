"""What every page of those who answer has at hand: its session, templates, the check of forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from services.interfaces.answering.door.services import AnsweringOnDatabase
from services.interfaces.answering.links.model import AnsweringSession
from services.interfaces.answering.links.ports import AnsweringPlace
from services.interfaces.family_door.frame import FamilyCookie, is_foreign
from services.platform.processes.templates import kept_beside
from services.portal.frame.forms import Submitted, read_form
from services.portal.frame.portal import Assets
from services.portal.frame.session import TOKEN_FIELD, form_token, is_form_token

_FORMS: Final = "answering"


class NobodyAnsweringError(Exception):
    """No session, or not any more: what can no longer be seen, as for anybody."""


class AnswerForgedError(Exception):
    """The form was not sent from a page that this browser was shown."""


@dataclass(frozen=True, slots=True)
class AnsweringPages:
    """The services behind the pages, and what pages are made with."""

    services: AnsweringOnDatabase
    place: AnsweringPlace
    assets: Assets
    session: FamilyCookie
    browser: FamilyCookie

    def page(
        self, request: Request, template: str, words: Mapping[str, object], status: int = 200
    ) -> HTMLResponse:
        """Render a page. Titles say nothing of what is on it: whoever looks on reads them."""
        everywhere: dict[str, object] = {
            "asset_url": self.assets.url,
            "place": self.place,
            "csp_nonce": getattr(request.state, "csp_nonce", ""),
            "errors": {},
        }
        found = _environment().get_template(template)
        return HTMLResponse(found.render(everywhere | dict(words)), status)

    def closed(self, request: Request) -> Response:
        """What can no longer be seen: the same for never was, withdrawn, answered and too old."""
        response = self.page(request, "closed.html", {}, 410)
        self.session.take_back(response)
        return response


def answering_pages(request: Request) -> AnsweringPages:
    """What the application that a request came to was made with."""
    found = request.app.state.answering_pages
    if not isinstance(found, AnsweringPages):
        raise TypeError("the application was not made by create_answering_app")
    return found


@cache
def _environment() -> Environment:
    ours = PackageLoader("services.interfaces.answering.door")
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return Environment(
        loader=ChoiceLoader([ours, govuk]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=kept_beside(__file__),
    )


AnswerForm = Annotated[Submitted, Depends(read_form)]


@dataclass(frozen=True, slots=True, repr=False)
class AnsweringVisit:
    """One request by somebody who came in."""

    request: Request
    pages: AnsweringPages
    session: AnsweringSession

    @property
    def services(self) -> AnsweringOnDatabase:
        """What the pages may ask."""
        return self.pages.services

    def show(self, template: str, status: int = 200, **words: object) -> Response:
        """Show a page with the token of its forms."""
        token = form_token(self.session.csrf_secret, _FORMS)
        return self.pages.page(self.request, template, {"token": token, **words}, status)

    def closed(self) -> Response:
        """What can no longer be seen, with the session's end."""
        self.services.close(self.session)
        return self.pages.closed(self.request)


def anybody(request: Request) -> None:
    """Let anybody in, but not by another site's form. Raises AnswerForgedError."""
    if is_foreign(request):
        raise AnswerForgedError


def came_in(request: Request) -> AnsweringVisit:
    """Who came in. Raises NobodyAnsweringError, AnswerForgedError."""
    anybody(request)
    pages = answering_pages(request)
    secret = pages.session.read(request)
    session = None if secret is None else pages.services.session(secret)
    if session is None:
        raise NobodyAnsweringError
    return AnsweringVisit(request, pages, session)


AnsweringVisitor = Annotated[AnsweringVisit, Depends(came_in)]


async def checked_answer(visit: AnsweringVisitor, form: AnswerForm) -> Submitted:
    """The form, if this session was shown it. Raises AnswerForgedError."""
    if not is_form_token(form.text(TOKEN_FIELD), visit.session.csrf_secret, _FORMS):
        raise AnswerForgedError
    return form


CheckedAnswer = Annotated[Submitted, Depends(checked_answer)]


def router_for_anybody() -> APIRouter:
    """Routes for anybody."""
    return APIRouter(dependencies=[Depends(anybody)])


def router_for_answering() -> APIRouter:
    """Routes for who came in."""
    return APIRouter(dependencies=[Depends(came_in)])
