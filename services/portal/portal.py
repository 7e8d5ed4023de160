"""What every page of the portal has at hand, built once by create_app."""

from dataclasses import dataclass

from starlette.requests import Request

from services.portal.assets import Assets
from services.portal.ports import PortalServices
from services.portal.session_cookie import SessionCookie
from services.portal.settings import PortalSettings
from services.portal.templating import Templates


@dataclass(frozen=True, slots=True)
class Portal:
    """The services behind the pages, and what pages are made with."""

    services: PortalServices
    settings: PortalSettings
    assets: Assets
    templates: Templates
    cookie: SessionCookie


def portal_of(request: Request) -> Portal:
    """Give the portal that the request came to."""
    portal = request.app.state.portal
    if not isinstance(portal, Portal):
        raise TypeError("the application was not made by create_app")
    return portal
