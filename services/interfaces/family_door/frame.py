"""What every family page has at hand: its session, headers, templates, and the check of forms."""

import gzip
import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial, wraps
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.interfaces.family_door.languages import in_templates
from services.interfaces.family_door.languages.speaking import COOKIE, DoorWords, speaking
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.people.family_access.model import FamilySession
from services.platform.processes.templates import kept_beside
from services.platform.processes.threads import run_read
from services.portal.frame.forms import Submitted, read_form
from services.portal.frame.portal import Asset, Assets, read_assets
from services.portal.frame.session import TOKEN_FIELD, form_token, is_form_token

_STYLES = Path(__file__).parent / "static" / "family.css"
CLEAR = '"cache", "cookies", "storage"'
_BROWSER_BYTES = 32
_SAFE = frozenset({"GET", "HEAD"})
_WHOLE = "is_one_transaction"

_Answer = TypeVar("_Answer")


class FamilyNotSignedInError(Exception):
    """Nobody is signed in, or not any more: the first page, as for anybody."""


class FamilyFormForgedError(Exception):
    """The form was not sent from a page that this browser was shown."""


@dataclass(frozen=True, slots=True)
class FamilyDoorSettings:
    """What the pages are told. `exit_to` is where somebody goes who leaves fast."""

    name: str
    telephone: str = ""
    cookie_secure: bool = True
    exit_to: str = "https://www.bbc.co.uk/weather"
    data: Path | None = None
    """Where released words are: no other language is offered without."""


@dataclass(frozen=True, slots=True)
class FamilyCookie:
    """A secret of this door alone: never the portal's, and of no other site's pages.

    `from_elsewhere`: also sent when another site leads here, as a provider of sign-in does.
    """

    secure: bool
    word: str
    from_elsewhere: bool = False

    @property
    def name(self) -> str:
        """The cookie's name, bound to this host (RFC 6265bis)."""
        return f"__Host-{self.word}" if self.secure else self.word

    @property
    def _sent(self) -> Literal["lax", "strict"]:
        return "lax" if self.from_elsewhere else "strict"

    def read(self, request: Request) -> str | None:
        """The secret the request came with."""
        return request.cookies.get(self.name)

    def give(self, response: Response, secret: str) -> None:
        """Have the browser keep it until it is closed."""
        response.set_cookie(
            self.name, secret, path="/", secure=self.secure, httponly=True, samesite=self._sent
        )

    def take_back(self, response: Response) -> None:
        """Have the browser forget it."""
        response.delete_cookie(
            self.name, path="/", secure=self.secure, httponly=True, samesite=self._sent
        )


@dataclass(frozen=True, slots=True)
class FamilyPages:
    """The services behind the pages, and what pages are made with."""

    services: FamilyDoorOnDatabase
    settings: FamilyDoorSettings
    assets: Assets
    session: FamilyCookie
    browser: FamilyCookie

    def page(
        self, request: Request, template: str, words: Mapping[str, object], status: int = 200
    ) -> HTMLResponse:
        """Render a page. Titles say nothing of what is on it: whoever looks on reads them."""
        found = _environment().get_template(template)
        everywhere: dict[str, object] = {
            "speak": speaking(request, self.settings.data),
            "path": request.url.path,
            "asset_url": self.assets.url,
            "name": self.settings.name,
            "telephone": self.settings.telephone,
            "csp_nonce": getattr(request.state, "csp_nonce", ""),
            "errors": {},
        }
        return HTMLResponse(found.render(everywhere | dict(words)), status)


def on_paper(speak: DoorWords, words: Mapping[str, object]) -> Markup:
    """What is printed of somebody's own page, to stand within another page."""
    found = _environment().get_template("on_paper.html")
    return Markup(found.render({"speak": speak, **words}))  # noqa: S704 the template escapes


def pages_of(request: Request) -> FamilyPages:
    """What the application that a request came to was made with."""
    found = request.app.state.family_pages
    if not isinstance(found, FamilyPages):
        raise TypeError("the application was not made by create_family_app")
    return found


@cache
def _environment() -> Environment:
    ours = PackageLoader("services.interfaces.family_door")
    govuk = PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")})
    return Environment(
        loader=ChoiceLoader([ours, govuk]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=[in_templates.Sayable],
        bytecode_cache=kept_beside(__file__, made_by=in_templates.__file__),
    )


@cache
def family_assets() -> Assets:
    """The portal's style and script, and what only these pages have."""
    shared, own = read_assets(), _STYLES.read_bytes()
    digest = hashlib.sha256(shared.digest.encode() + own).hexdigest()[:16]
    style = Asset("text/css; charset=utf-8", own, gzip.compress(own, mtime=0))
    return Assets(digest, {**shared.files, _STYLES.name: style})


def load_templates() -> None:
    """Compile every page, so that workers that are forked share them."""
    environment = _environment()
    for name in environment.list_templates():
        if not name.startswith("govuk_frontend_jinja/"):
            environment.get_template(name)


# Who is looking.

FamilyForm = Annotated[Submitted, Depends(read_form)]


def is_foreign(request: Request) -> bool:
    """Whether another site's page sent this. With `no-referrer` our own forms say "null"."""
    if request.method in _SAFE:
        return False
    fetch_site = request.headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site not in {"same-origin", "none"}
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != request.headers.get("host")


@dataclass(frozen=True, slots=True, repr=False)
class FamilyVisit:
    """One request by somebody who is signed in; `services` are what its page may ask.

    What only reads finds out who it is within its own transaction (`OwnRoute`): `found` before.
    """

    request: Request
    pages: FamilyPages
    services: FamilyDoorOnDatabase
    found: FamilySession | None

    @property
    def session(self) -> FamilySession:
        """Who is signed in. Raises FamilyNotSignedInError where nobody has found that out."""
        if self.found is None:
            raise FamilyNotSignedInError
        return self.found

    def show(self, template: str, status: int = 200, **words: object) -> Response:
        """Show a page with the token of its forms."""
        token = form_token(self.session.csrf_secret, _FORMS)
        return self.pages.page(
            self.request, template, {"signed_in": True, "token": token, **words}, status
        )


_FORMS = "family"


def open_to_all(request: Request) -> None:
    """Let anybody in, but not by another site's form. Raises FamilyFormForgedError."""
    if is_foreign(request):
        raise FamilyFormForgedError


def signed_in(request: Request) -> FamilyVisit:
    """Who is signed in. Raises FamilyNotSignedInError, FamilyFormForgedError.

    Of a page that is only looked at `OwnRoute` finds it out, or whoever refuses what was asked.
    """
    open_to_all(request)
    pages = pages_of(request)
    if request.method in _SAFE and isinstance(request.scope.get("route"), OwnRoute):
        return FamilyVisit(request, pages, pages.services, None)
    return FamilyVisit(request, pages, pages.services, _session(request, pages.services))


def _session(request: Request, services: FamilyDoorOnDatabase) -> FamilySession:
    secret = pages_of(request).session.read(request)
    session = None if secret is None else services.session(secret)
    if session is None:
        raise FamilyNotSignedInError
    return session


FamilyVisitor = Annotated[FamilyVisit, Depends(signed_in)]


async def checked_form(visit: FamilyVisitor, form: FamilyForm) -> Submitted:
    """The form, if this session was shown it. Raises FamilyFormForgedError."""
    if not is_form_token(form.text(TOKEN_FIELD), visit.session.csrf_secret, _FORMS):
        raise FamilyFormForgedError
    return form


CheckedForm = Annotated[Submitted, Depends(checked_form)]


def open_router() -> APIRouter:
    """Routes for anybody."""
    return APIRouter(dependencies=[Depends(open_to_all)])


def own_router() -> APIRouter:
    """Routes for who is signed in."""
    return APIRouter(dependencies=[Depends(signed_in)], route_class=OwnRoute)


class OwnRoute(APIRoute):
    """A route for who is signed in. What only reads is one transaction, from the session on.

    It holds a thread and a connection when it is its turn among the reads of this worker
    (services.platform.processes.threads), and not while it waits for that.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **told: Any) -> None:
        """Take an endpoint that takes a `visit`."""
        if _SAFE.issuperset(told.get("methods") or ["GET"]):
            endpoint = _in_one_page(endpoint)
        super().__init__(path, endpoint, **told)


def _in_one_page(endpoint: Callable[..., _Answer]) -> Callable[..., Any]:
    if hasattr(endpoint, _WHOLE):
        return endpoint

    @wraps(endpoint)
    async def in_its_turn(*, visit: FamilyVisit, **told: Any) -> _Answer:
        return await run_read(partial(_whole_page, endpoint, visit, told))

    setattr(in_its_turn, _WHOLE, True)
    return in_its_turn


def _whole_page(
    endpoint: Callable[..., _Answer], visit: FamilyVisit, told: Mapping[str, Any]
) -> _Answer:
    """The answer, of which every entry is durable. Raises FamilyNotSignedInError."""
    secret = visit.pages.session.read(visit.request)
    if secret is not None:
        with visit.services.one_page() as services:
            session = services.session(secret)
            if session is not None:
                return endpoint(visit=replace(visit, services=services, found=session), **told)
    raise FamilyNotSignedInError  # with what ended a session written


def require_session(request: Request) -> None:
    """Find out who is signed in, for what is refused before a page is made.

    Raises FamilyNotSignedInError: nobody else is told that what they asked for is none.
    """
    if isinstance(request.scope.get("route"), OwnRoute):
        _session(request, pages_of(request).services)


def new_browser() -> str:
    """A secret by which a browser is known to be the one that asked for a code."""
    return secrets.token_urlsafe(_BROWSER_BYTES)


def to(address: str) -> RedirectResponse:
    """Go there, having done something."""
    return RedirectResponse(address, 303)


def leaving(pages: FamilyPages, address: str) -> Response:
    """Go there and leave nothing behind in this browser, as far as it does what it is told."""
    response = to(address)
    pages.session.take_back(response)
    pages.browser.take_back(response)
    secure = pages.settings.cookie_secure
    response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="strict")
    response.headers["Clear-Site-Data"] = CLEAR
    return response


class TellsNobody:
    """ASGI middleware: no page that is left tells the next where somebody came from."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; set the headers as the answer starts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_so(message: Message) -> None:
            if message["type"] == "http.response.start":
                theirs = [h for h in message["headers"] if h[0] != b"referrer-policy"]
                ours = [(b"referrer-policy", b"no-referrer"), (b"x-robots-tag", b"noindex")]
                message["headers"] = [*theirs, *ours]
            await send(message)

        await self._app(scope, receive, send_so)
