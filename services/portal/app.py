"""The professional's portal as an application."""

import structlog
from fastapi import FastAPI
from starlette.middleware import Middleware

from services.portal.assets import read_assets
from services.portal.errors import UnsafeDemonstrationError
from services.portal.failures import add_failure_pages
from services.portal.last_resort import last_resort
from services.portal.log_references import PortalLog
from services.portal.portal import Portal
from services.portal.ports import PortalServices
from services.portal.routes import (
    add_story,
    ask_sources,
    asset,
    confirm_story,
    consent,
    correct_story,
    decision,
    decision_done,
    decisions_due,
    end_decision,
    find_family,
    home,
    invalidate_decision,
    join_people,
    keep_people_apart,
    keep_story,
    looks_for_parents,
    object_to_decision,
    overview,
    pair,
    pairs,
    receipt,
    receipt_file,
    record_decision,
    record_first_decision,
    replace_decision,
    sign_in,
    sign_out,
    story,
    timeline,
    undo_join,
    who_has_looked,
    withdraw_decision,
)
from services.portal.security_headers import SecurityHeaders
from services.portal.session_cookie import SessionCookie
from services.portal.settings import PortalSettings
from services.portal.templating import Templates

_ROUTES = (
    asset,
    sign_in,
    sign_out,
    home,
    find_family,
    record_first_decision,
    overview,
    story,
    add_story,
    confirm_story,
    correct_story,
    keep_story,
    timeline,
    consent,
    record_decision,
    replace_decision,
    withdraw_decision,
    object_to_decision,
    end_decision,
    invalidate_decision,
    decision,
    receipt,
    receipt_file,
    decision_done,
    decisions_due,
    who_has_looked,
    looks_for_parents,
    pairs,
    pair,
    join_people,
    keep_people_apart,
    undo_join,
    ask_sources,
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
        middleware=[Middleware(SecurityHeaders), last_resort()],
    )
    assets = read_assets()
    cookie = SessionCookie(secure=settings.cookie_secure)
    templates = Templates(settings, assets)
    app.state.portal = Portal(services, settings, assets, templates, cookie)
    for route in _ROUTES:
        app.include_router(route.router)
    if settings.is_demonstration:
        app.include_router(sign_in.demonstration_router)
    add_failure_pages(app)
    return app


def _refuse_unsafe_sign_in(services: PortalServices, settings: PortalSettings) -> None:
    if settings.is_demonstration:
        structlog.get_logger().warning(PortalLog.DEMONSTRATION_SIGN_IN_OPENED.value)
    elif services.demonstration_people():
        raise UnsafeDemonstrationError(
            "invented people can sign in although the environment is production; "
            "set the environment to demonstration or load no invented people"
        )
