"""The directory as an application of its own: pages, and Open Referral UK 3.0 beside them.

No cookie is set or read, nobody signs in, and it has no right to a record of any person.
"""

from collections.abc import Callable
from functools import cache

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Scope

from consent.ports import Clock
from services.audit.integrity.seen.metrics import Area
from services.interfaces.directory.entries.postgres import (
    DirectoryRole,
    directory_engine,
    lacks_entries,
)
from services.interfaces.directory.serving import pages
from services.interfaces.directory.serving.frame import (
    DirectorySettings,
    Frame,
    frame_of,
    load_templates,
)
from services.interfaces.directory.serving.open_referral import STUB, create_open_referral_app
from services.interfaces.doors import Door, serve_door
from services.platform.clock import SystemClock
from services.platform.database.engine import Engine
from services.platform.errors import NotTextError, ServiceUnavailableError
from services.platform.logging import LogEvent, configure_logging
from services.platform.settings import Settings
from services.platform.web import ByPath, LastResort, TextOnly
from services.portal.frame.errors import ForgedFormError
from services.portal.frame.portal import Assets, read_assets
from services.portal.frame.security_headers import SecurityHeaders

_WORDS = {
    400: ("The form could not be read", "Go back and try again."),
    403: ("This could not be accepted", "It was not sent from a page of ours."),
    404: ("Page not found", "The service may not be listed any more. Look for another one."),
    405: ("This page cannot be used like that", "Start again with what you look for."),
    413: ("The form is too long", "Shorten what you wrote, and try again."),
    415: ("The form could not be read", "Go back and try again."),
    503: ("The directory cannot be searched now", "Try again in a few minutes."),
}
_OTHERWISE = ("Sorry, there is a problem with the service", "Go back and try again.")


def create_directory_app(engine: Engine, clock: Clock, settings: DirectorySettings) -> ASGIApp:
    """Put both together, each with its own answers for what it does not know."""
    interface = create_open_referral_app(engine, settings.served_at)
    return ByPath(
        {STUB: interface, f"{STUB}/": interface},
        others=create_directory_pages(engine, clock, settings),
    )


def create_directory_pages(engine: Engine, clock: Clock, settings: DirectorySettings) -> FastAPI:
    """Make the pages alone."""
    app = FastAPI(
        title="Directory of services",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(LastResort, event=LogEvent.DIRECTORY_FAILED, answer=_unexpected),
            Middleware(TextOnly, answer=lambda scope, _: _failure(Request(scope), 400)),
        ],
    )
    app.state.frame = Frame(engine, clock, settings, _assets())
    app.include_router(pages.router)
    for error, status in (
        (ServiceUnavailableError, 503),
        (ForgedFormError, 403),
        (NotTextError, 400),
        (RequestValidationError, 404),
    ):
        app.add_exception_handler(error, _answering(status))
    app.add_exception_handler(HTTPException, _by_status)
    load_templates()
    return app


@cache
def _assets() -> Assets:
    return read_assets()


def _answering(status: int) -> Callable[[Request, Exception], Response]:
    return lambda request, _error: _failure(request, status)


def _by_status(request: Request, error: Exception) -> Response:
    return _failure(request, error.status_code if isinstance(error, HTTPException) else 500)


def _unexpected(scope: Scope, reference: str) -> Response:
    return _failure(Request(scope), 500, reference)


def _failure(request: Request, status: int, reference: str = "") -> Response:
    heading, sentence = _WORDS.get(status, _OTHERWISE)
    words = {"heading": heading, "sentence": sentence, "reference": reference}
    return frame_of(request).page(request, "failure.html", words, status)


# On a port of its own: `tell-once directory`.


def run_directory(settings: Settings) -> int:
    """Serve it."""
    configure_logging("directory")
    with directory_engine(settings, DirectoryRole.PUBLIC) as engine:
        told = directory_settings(settings)
        app = create_directory_app(engine, SystemClock(), told)
        door = Door(Area.DIRECTORY, settings.port, told.served_at, lambda: lacks_entries(engine))
        serve_door(app, door, settings, workers=settings.worker_count, disconnect=engine.dispose)
    return 0


def directory_settings(settings: Settings) -> DirectorySettings:
    """What the pages say of this installation."""
    return DirectorySettings(
        council_name=settings.council_name,
        contact=settings.council_contact,
        served_at=settings.directory_url or f"http://127.0.0.1:{settings.port}",
        portal_at=settings.served_at,
        is_demonstration=settings.environment == "demonstration",
    )
