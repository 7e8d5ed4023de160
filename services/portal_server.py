"""The portal as a process: the pages over the database, on loopback."""

import uvicorn

from services.adapters.logging import configure_logging
from services.adapters.portal_services import PortalOnDatabase
from services.bootstrap import Application, DatabaseRole
from services.portal.app import create_app
from services.portal.settings import PortalSettings


def run_portal(application: Application) -> int:
    """Serve pages until stopped. Access logs are off: a URL path names an opaque id still."""
    configure_logging("portal")
    settings = application.settings
    is_demonstration = settings.environment == "demonstration"
    services = PortalOnDatabase(
        application.outside(DatabaseRole.PORTAL), demonstration=is_demonstration
    )
    app = create_app(
        services,
        PortalSettings(
            council_name=settings.council_name,
            environment=settings.environment,
            cookie_secure=settings.cookie_secure,
        ),
    )
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=settings.port,
        access_log=False,
        log_level="error",
        server_header=False,
    )
    return 0
