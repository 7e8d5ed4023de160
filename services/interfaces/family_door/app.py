"""The family's own door as an application."""

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from connectors.registry import load_readers
from services.audit.integrity.seen.metrics import Area
from services.audit.integrity.seen.postgres_usable import what_lacks
from services.bootstrap import Application, DatabaseRole
from services.interfaces.doors import Door, serve_door
from services.interfaces.family_door.frame import (
    FamilyCookie,
    FamilyDoorSettings,
    FamilyFormForgedError,
    FamilyNotSignedInError,
    FamilyPages,
    TellsNobody,
    family_assets,
    leaving,
    load_templates,
    pages_of,
    require_session,
)
from services.interfaces.family_door.getting_in.pages_back import BACK
from services.interfaces.family_door.getting_in.pages_in import START
from services.interfaces.family_door.getting_in.ways import GettingIn
from services.interfaces.family_door.rooms import ROUTERS
from services.interfaces.family_door.services import FamilyDoorOnDatabase
from services.people.family_access.getting_in.client import FamilyProviderClient
from services.people.family_access.getting_in.settings import read_family_providers
from services.people.signing_in.providers import SettingFault, SignInSettingsError
from services.platform.errors import NotTextError, ServiceError, ServiceUnavailableError
from services.platform.logging import LogEvent, configure_logging
from services.platform.settings import Settings
from services.platform.ticks import RefusalsAtTick
from services.platform.web import HeadAsGet, LastResort, TextOnly
from services.portal.frame.security_headers import SecurityHeaders

_FAILED = "family-page:failed"
_WENT_WRONG = "Something went wrong"
_NOT_BY_HEAD = (BACK, "/leave")
"""GET uses up what a provider sent somebody back with, and ends a session."""
_NOT_HERE = "We cannot find that page"


class FamilyDoorNotOpenError(ServiceError):
    """Families have no pages of their own here: nobody has set a port for them."""


def family_app(application: Application) -> FastAPI:
    """The pages as the settings say. Raises FamilyDoorNotOpenError."""
    told = application.settings
    if not told.family_port:
        raise FamilyDoorNotOpenError("families have no pages of their own: set family_port")
    settings = FamilyDoorSettings(
        name=told.family_name,
        telephone=told.family_telephone,
        cookie_secure=told.cookie_secure,
        data=told.data,
    )
    providers = _providers(told)
    outside = application.outside(DatabaseRole.PORTAL)
    services = FamilyDoorOnDatabase(outside, GettingIn(outside, providers))
    return create_family_app(services, settings)


def _providers(settings: Settings) -> FamilyProviderClient | None:
    """Those of the file; None without one. Raises SignInSettingsError with what is wrong with it.

    Providers send people back to `family_url`: outside a demonstration that is https. What one of
    them answers that is no answer is told to whoever runs this, by a code of ours: never what it
    said of anybody.
    """
    is_demonstration = settings.environment == "demonstration"
    found = read_family_providers(settings.family_sign_in, is_demonstration=is_demonstration)
    if not found:
        return None
    if not (is_demonstration or settings.family_url.startswith("https://")):
        reason = "is to begin with https://, as providers send people back to it"
        raise SignInSettingsError([SettingFault("setting family_url", reason)])
    log = structlog.get_logger()

    def report(provider: str, why: str) -> None:
        log.warning(LogEvent.SIGN_IN_PROVIDER_FAILED, provider=provider, why=why)

    return FamilyProviderClient(
        found,
        public_url=settings.family_page_at,
        is_demonstration=is_demonstration,
        report=report,
    )


def run_family(application: Application) -> int:
    """Serve the pages on a port of their own until stopped. Raises FamilyDoorNotOpenError."""
    configure_logging("family")
    told = application.settings
    outside = application.outside(DatabaseRole.PORTAL)
    door = Door(
        Area.FAMILY_DOOR,
        told.family_port,
        told.family_page_at,
        lambda: what_lacks(outside.engine, outside.vault),
        used_up=_NOT_BY_HEAD,
    )
    app, disconnect = family_app(application), application.disconnect
    load_readers()
    load_templates()
    serve_door(app, door, told, workers=told.worker_count, disconnect=disconnect)
    return 0


def create_family_app(services: FamilyDoorOnDatabase, settings: FamilyDoorSettings) -> FastAPI:
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
            Middleware(HeadAsGet, not_below=_NOT_BY_HEAD),
            Middleware(RefusalsAtTick),
        ],
    )
    for router in ROUTERS:
        app.include_router(router)
    session = FamilyCookie(settings.cookie_secure, "family")
    browser = FamilyCookie(settings.cookie_secure, "family-began")
    app.state.family_pages = FamilyPages(services, settings, family_assets(), session, browser)
    app.add_exception_handler(FamilyNotSignedInError, _not_signed_in)
    app.add_exception_handler(FamilyFormForgedError, lambda request, _: _failure(request, 403))
    app.add_exception_handler(NotTextError, lambda request, _: _failure(request, 400))
    app.add_exception_handler(RequestValidationError, _not_readable)
    app.add_exception_handler(ServiceUnavailableError, lambda request, _: _failure(request, 503))
    app.add_exception_handler(HTTPException, _by_status)
    return app


def _not_signed_in(request: Request, _error: Exception) -> Response:
    """The first page: the same for who never was, whose time is over, whose page was turned off."""
    return leaving(pages_of(request), START)


def _not_readable(request: Request, _error: Exception) -> Response:
    """As a page that there is not, to who is signed in; to anybody else as any page of theirs."""
    try:
        require_session(request)
    except FamilyNotSignedInError as error:
        return _not_signed_in(request, error)
    return _failure(request, 404)


def _by_status(request: Request, error: Exception) -> Response:
    return _failure(request, error.status_code if isinstance(error, HTTPException) else 500)


def _failure(request: Request, status: int) -> Response:
    heading = _NOT_HERE if status in {404, 405} else _WENT_WRONG
    return pages_of(request).page(request, "failure.html", {"heading": heading}, status)


def _last_resort(scope: Scope, _reference: str) -> Response:
    return _failure(Request(scope), 500)
