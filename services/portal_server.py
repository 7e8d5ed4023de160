"""The portal as a process: pages, and the interfaces for machines beside them, on loopback."""

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from services.adapters.logging import configure_logging
from services.adapters.portal_services import PortalOnDatabase
from services.adapters.receipts import ReceiptIssuer
from services.bootstrap import Application, DatabaseRole
from services.by_path import ByPath
from services.machine_interfaces import machine_interfaces, machines_alone
from services.portal.app import create_app
from services.portal.settings import PortalSettings
from services.workers.running import leave_what_is_loaded


def run_portal(application: Application) -> int:
    """Serve pages and machines on one port until stopped."""
    configure_logging("portal")
    _serve(ByPath(machine_interfaces(application), others=_pages(application)), application)
    return 0


def run_partners(application: Application) -> int:
    """Serve the interfaces for machines alone, on a port of their own, until stopped."""
    configure_logging("partners")
    _serve(machines_alone(application), application)
    return 0


def _pages(application: Application) -> FastAPI:
    settings = application.settings
    is_demonstration = settings.environment == "demonstration"
    services = PortalOnDatabase(
        application.outside(DatabaseRole.PORTAL),
        demonstration=is_demonstration,
        receipts=ReceiptIssuer(application.council, application.receipt_signer),
    )
    return create_app(
        services,
        PortalSettings(
            council_name=settings.council_name,
            environment=settings.environment,
            cookie_secure=settings.cookie_secure,
        ),
    )


def _serve(app: ASGIApp, application: Application) -> None:
    """Access logs are off: a URL path names an opaque id still."""
    leave_what_is_loaded()
    uvicorn.run(
        app,
        host="127.0.0.1",
        port=application.settings.port,
        access_log=False,
        log_level="error",
        server_header=False,
    )
