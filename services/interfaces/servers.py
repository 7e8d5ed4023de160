"""Pages, and the interfaces for machines beside them: what is served at a port, and by whom.

`portal` and `partners` are each an acceptor with workers (services/platform/processes/acceptor.py).
"""

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.types import ASGIApp

from connectors.registry import load_readers
from services.bootstrap import Application, DatabaseRole
from services.decisions.receipts.postgres import ReceiptIssuer
from services.interfaces.access.app import DISCOVERY, create_access_app
from services.interfaces.access.postgres import admit_askers, evaluating
from services.interfaces.families.app import create_families_app
from services.interfaces.families.postgres import reading_families
from services.interfaces.partners.app import create_partners_app
from services.interfaces.partners.edge import PartnerSettings
from services.interfaces.partners.oauth.routes import METADATA_PATH
from services.interfaces.partners.work import partner_work
from services.ledger.postgres_published import PublishedLedgerOnDatabase
from services.ledger.published import create_ledger_app
from services.platform.logging import configure_logging
from services.platform.processes.port import serve_port
from services.platform.web import ByPath
from services.portal.app import create_app
from services.portal.frame.settings import PortalSettings
from services.portal.services import PortalOnDatabase

# The interfaces for machines, each with the paths under which it is served.
#
# To add one: make its application here and give its paths; whatever is served beside it never sees
# its requests.


def machine_interfaces(application: Application) -> Mapping[str, ASGIApp]:
    """The applications by path: partners, with their tokens; access; families; the ledger."""
    partners = partners_app(application)
    access = access_app(application)
    return {
        "/oauth/": partners,
        "/partners/": partners,
        METADATA_PATH: partners,
        "/access/": access,
        DISCOVERY: access,
        "/api/": families_app(application),
        "/ledger/": ledger_app(application),
    }


def machines_alone(application: Application) -> ASGIApp:
    """Nothing but the interfaces for machines, for a port of their own."""
    interfaces = machine_interfaces(application)
    return ByPath(interfaces, others=interfaces["/partners/"])


def partners_app(application: Application) -> FastAPI:
    """What partners push and ask, with the connectors' rights in the database."""
    outside = application.outside(DatabaseRole.CONNECTORS)
    settings = PartnerSettings(application.settings.served_at)
    return create_partners_app(partner_work(outside), settings, application.read_brought)


def families_app(application: Application) -> FastAPI:
    """Families for partners: their calls counted by connectors, what is shown read as pages are."""
    return create_families_app(
        reading_families(
            application.outside(DatabaseRole.PORTAL), application.outside(DatabaseRole.CONNECTORS)
        )
    )


def ledger_app(application: Application) -> FastAPI:
    """The ledger as witnesses read it: hashes, for anybody."""
    engine = application.outside(DatabaseRole.PORTAL).engine
    return create_ledger_app(PublishedLedgerOnDatabase(engine))


def access_app(application: Application) -> FastAPI:
    """Answers to other systems, with the portal's rights."""
    return create_access_app(
        evaluating(application.outside(DatabaseRole.PORTAL)),
        admit=admit_askers(application.outside(DatabaseRole.CONNECTORS)),
        base_url=application.settings.served_at,
    )


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
        sign_in=application.sign_in_client,
        limits=application.session_limits,
        watched=application.watched,
    )
    pages = create_app(
        services,
        PortalSettings(
            council_name=settings.council_name,
            environment=settings.environment,
            cookie_secure=settings.cookie_secure,
            sign_in_contact=settings.sign_in_contact or settings.council_contact,
            family_page_at=settings.family_page_at,
            directory_at=settings.directory_url,
            data=settings.data,
        ),
    )
    pages.state.portal.templates.load()
    return pages


def _serve(app: ASGIApp, application: Application) -> None:
    load_readers()
    serve_port(
        app,
        port=application.settings.port,
        listen=application.settings.listen,
        workers=application.settings.worker_count,
        disconnect=application.disconnect,
    )
