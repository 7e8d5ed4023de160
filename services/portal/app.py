"""The professional's portal as an application."""

from functools import cache

import structlog
from fastapi import APIRouter, FastAPI
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from consent.errors import DecisionInvalidError
from services.platform.ticks import RefusalsAtTick
from services.portal.audit.routers import AUDIT_ROUTERS
from services.portal.decisions import pages as decisions
from services.portal.decisions import pages_change, pages_record, pages_second_hand
from services.portal.decisions.asking import pages as asking
from services.portal.decisions.protection import pages as protection
from services.portal.decisions.protection import pages_exclusion, pages_own_pages
from services.portal.decisions.receipts import pages as receipts
from services.portal.decisions.refused import changed_meanwhile
from services.portal.family import pages as family
from services.portal.family import questions
from services.portal.family.services_asked import pages as services_asked
from services.portal.family.services_asked import pages_ask
from services.portal.family.writing import pages as writing
from services.portal.frame.errors import UnsafeDemonstrationError
from services.portal.frame.failures import add_failure_pages, last_resort, text_only
from services.portal.frame.portal import Assets, Portal, Templates, read_assets
from services.portal.frame.security_headers import SecurityHeaders
from services.portal.frame.session import BrowserCookie, SessionCookie
from services.portal.frame.settings import PortalLog, PortalSettings
from services.portal.front import pages as front
from services.portal.front import pages_check_list, pages_orders, pages_uses
from services.portal.front.listed import pages as listed
from services.portal.front.listed import pages_partners
from services.portal.front.sign_in import pages as sign_in
from services.portal.front.sign_in import pages_back, pages_sessions
from services.portal.front.sign_in.failed import keeps_what_failed
from services.portal.front.sign_in.interrupted import add_interruptions
from services.portal.front.staff import pages as staff
from services.portal.front.staff import pages_accounts, pages_rota
from services.portal.gate import pages as gate
from services.portal.gate.here import pages as here
from services.portal.gate.here import pages_confirm, pages_own_page, printing
from services.portal.ports import PortalServices
from services.portal.story import pages as story
from services.portal.who_is_who import pages as who_is_who
from services.portal.who_is_who import pages_lists, pages_parked

# What is asked most stands first: at each request routes are tried in this order.
_ROUTERS = (
    family.router,
    story.router,
    sign_in.open_router,
    sign_in.signed_in_router,
    pages_back.router,
    pages_sessions.before_conditions_router,
    pages_sessions.router,
    pages_sessions.administrators_router,
    front.open_router,
    front.signed_in_router,
    front.router,
    questions.router,
    writing.router,
    services_asked.router,
    pages_ask.router,
    gate.router,
    here.router,
    pages_own_page.router,
    printing.router,
    pages_confirm.router,
    pages_confirm.colleague_router,
    asking.router,
    pages_record.router,
    pages_exclusion.router,
    protection.router,
    pages_own_pages.router,
    pages_change.router,
    pages_second_hand.router,
    receipts.router,
    decisions.router,
    who_is_who.router,
    pages_orders.router,
    pages_uses.router,
    pages_check_list.router,
    listed.router,
    pages_partners.router,
    staff.router,
    pages_accounts.router,
    pages_rota.router,
    pages_parked.router,
    pages_lists.router,
    *AUDIT_ROUTERS,
)


def create_app(services: PortalServices, settings: PortalSettings) -> FastAPI:
    """Make the portal over the services behind it.

    Raises UnsafeDemonstrationError when the environment is production and the services offer
    invented people to sign in as.
    """
    _refuse_unsafe_sign_in(services, settings)
    app = FastAPI(
        title="Tell Once",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        routes=_routes(is_demonstration=settings.is_demonstration),
        middleware=[
            Middleware(SecurityHeaders),
            keeps_what_failed(),
            last_resort(),
            text_only(),
            Middleware(RefusalsAtTick),
        ],
    )
    assets = _assets()
    cookie = SessionCookie(secure=settings.cookie_secure)
    templates = Templates(settings, assets)
    browser = BrowserCookie(secure=settings.cookie_secure)
    app.state.portal = Portal(services, settings, assets, templates, cookie, browser)
    add_failure_pages(app)
    add_interruptions(app)
    app.add_exception_handler(DecisionInvalidError, changed_meanwhile)
    return app


@cache
def _assets() -> Assets:
    """Read and compress them, once a process."""
    return read_assets()


@cache
def _routes(*, is_demonstration: bool) -> list[BaseRoute]:
    """Give every page, once a process: at its first request each works out what it needs."""
    pages = APIRouter()
    for router in _ROUTERS:
        pages.include_router(router)
    if is_demonstration:
        pages.include_router(sign_in.demonstration_router)
        pages.include_router(pages_uses.demonstration_router)
    return pages.routes


def _refuse_unsafe_sign_in(services: PortalServices, settings: PortalSettings) -> None:
    if settings.is_demonstration:
        structlog.get_logger().warning(PortalLog.DEMONSTRATION_SIGN_IN_OPENED.value)
    elif services.demonstration_people():
        raise UnsafeDemonstrationError(
            "invented people can sign in although the environment is production; "
            "set the environment to demonstration or load no invented people"
        )
