"""The pages of those who answer as an application."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from services.audit.integrity.seen.metrics import Area
from services.audit.integrity.seen.postgres_usable import what_lacks
from services.bootstrap import Application, DatabaseRole
from services.interfaces.answering.door import pages_in, pages_request, pages_yearly
from services.interfaces.answering.door.frame import (
    AnswerForgedError,
    AnsweringPages,
    NobodyAnsweringError,
    answering_pages,
)
from services.interfaces.answering.door.services import AnsweringOnDatabase
from services.interfaces.answering.links.ports import AnsweringPlace
from services.interfaces.answering.links.working import place_of
from services.interfaces.doors import Door, serve_door
from services.interfaces.family_door.frame import FamilyCookie, TellsNobody, family_assets
from services.platform.errors import NotTextError, ServiceError, ServiceUnavailableError
from services.platform.logging import configure_logging
from services.platform.ticks import RefusalsAtTick
from services.platform.web import HeadAsGet, LastResort, TextOnly
from services.portal.frame.security_headers import SecurityHeaders

_FAILED = "answering-page:failed"
_WENT_WRONG = "Something went wrong"
_NOT_HERE = "We cannot find that page"


class AnsweringNotOpenError(ServiceError):
    """Nobody answers here: nobody has set a port for it."""


def answering_app(application: Application) -> FastAPI:
    """The pages as the settings say. Raises AnsweringNotOpenError."""
    told = application.settings
    if not told.answering_port:
        raise AnsweringNotOpenError("partners do not answer here: set answering_port")
    place = place_of(told)
    services = AnsweringOnDatabase(application.outside(DatabaseRole.PORTAL), place)
    return create_answering_app(services, place, cookie_secure=told.cookie_secure)


def run_answering(application: Application) -> int:
    """Serve the pages on a port of their own until stopped. Raises AnsweringNotOpenError."""
    configure_logging("answering")
    told = application.settings
    outside = application.outside(DatabaseRole.PORTAL)
    door = Door(
        Area.ANSWERING,
        told.answering_port,
        told.answering_at,
        lambda: what_lacks(outside.engine, outside.vault),
    )
    app, disconnect = answering_app(application), application.disconnect
    serve_door(app, door, told, workers=1, disconnect=disconnect)
    return 0


def create_answering_app(
    services: AnsweringOnDatabase, place: AnsweringPlace, *, cookie_secure: bool = True
) -> FastAPI:
    """Make the pages over the services behind them."""
    app = FastAPI(
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(TellsNobody),
            Middleware(SecurityHeaders),
            Middleware(LastResort, event=_FAILED, answer=_last_resort),
            Middleware(TextOnly, answer=lambda scope, _: _failure(Request(scope), 400)),
            Middleware(HeadAsGet, not_below=()),
            Middleware(RefusalsAtTick),
        ],
    )
    for router in (pages_in.router, pages_request.router, pages_yearly.router):
        app.include_router(router)
    session = FamilyCookie(cookie_secure, "answering")
    browser = FamilyCookie(cookie_secure, "answering-began")
    app.state.answering_pages = AnsweringPages(services, place, family_assets(), session, browser)
    app.add_exception_handler(NobodyAnsweringError, _nobody)
    app.add_exception_handler(AnswerForgedError, lambda request, _: _failure(request, 403))
    app.add_exception_handler(NotTextError, lambda request, _: _failure(request, 400))
    app.add_exception_handler(RequestValidationError, lambda request, _: _failure(request, 404))
    app.add_exception_handler(ServiceUnavailableError, lambda request, _: _failure(request, 503))
    app.add_exception_handler(HTTPException, _by_status)
    return app


def _nobody(request: Request, _error: Exception) -> Response:
    """The same for who never came in, whose time is over, and what was withdrawn meanwhile."""
    return answering_pages(request).closed(request)


def _by_status(request: Request, error: Exception) -> Response:
    return _failure(request, error.status_code if isinstance(error, HTTPException) else 500)


def _failure(request: Request, status: int) -> Response:
    heading = _NOT_HERE if status in {404, 405} else _WENT_WRONG
    return answering_pages(request).page(request, "failure.html", {"heading": heading}, status)


def _last_resort(scope: Scope, _reference: str) -> Response:
    return _failure(Request(scope), 500)
