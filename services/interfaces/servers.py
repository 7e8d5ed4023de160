"""Pages, and the interfaces for machines beside them: what is served at a port, and by whom.

`portal` and `partners` are each an acceptor with workers (services/platform/processes/acceptor.py).
"""

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.types import ASGIApp

from connectors.registry import load_readers
from services.audit.integrity.seen.metrics import Area
from services.audit.integrity.seen.postgres_usable import what_lacks
from services.audit.integrity.seen.requests import area_by, counting
from services.audit.integrity.seen.traces import traced
from services.bootstrap import Application, DatabaseRole
from services.decisions.receipts.postgres import ReceiptIssuer
from services.interfaces.access.app import DISCOVERY, create_access_app
from services.interfaces.access.postgres import admit_askers, evaluating
from services.interfaces.answering.links.working import bringing, place_of
from services.interfaces.connections.working import times_of
from services.interfaces.doors import names_at
from services.interfaces.families.app import create_families_app
from services.interfaces.families.postgres import reading_families
from services.interfaces.family_door.looking.printed import FamilyPrinting
from services.interfaces.health import health_paths
from services.interfaces.partners.app import create_partners_app
from services.interfaces.partners.edge import PartnerSettings
from services.interfaces.partners.oauth.routes import METADATA_PATH
from services.interfaces.partners.problem_details import MISDIRECTED, problem_response
from services.interfaces.partners.push.answers.answering import SystemRequests
from services.interfaces.partners.work import partner_work
from services.ledger.postgres_published import PublishedLedgerOnDatabase
from services.ledger.published import create_ledger_app
from services.platform.logging import configure_logging
from services.platform.processes.port import serve_port
from services.platform.processes.tls import tls_as_set
from services.platform.web import ByPath, HeadAsGet, HostsAllowed
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
    requests = SystemRequests(application.outside(DatabaseRole.PORTAL))
    return create_partners_app(partner_work(outside), settings, application.read_brought, requests)


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
    app = ByPath(machine_interfaces(application), others=_pages(application))
    _serve(app, application, "portal")
    return 0


def run_partners(application: Application) -> int:
    """Serve the interfaces for machines alone, on a port of their own, until stopped."""
    configure_logging("partners")
    _serve(machines_alone(application), application, "partners")
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
    ).brings_requests(bringing(place_of(settings)), times_of(settings))
    pages = create_app(
        services,
        PortalSettings(
            council_name=settings.council_name,
            environment=settings.environment,
            cookie_secure=settings.cookie_secure,
            sign_in_contact=settings.sign_in_contact or settings.council_contact,
            family_page_at=settings.family_page_at,
            directory_at=settings.directory_url,
            early_programme=settings.early_programme,
            data=settings.data,
            print_own_page=FamilyPrinting(
                application.outside(DatabaseRole.PORTAL), settings.family_name, settings.data
            )
            if settings.family_page_at
            else None,
        ),
    )
    pages.state.portal.templates.load()
    return pages


# What stands before all of them on a port.

_USED_UP_BY_GET = ("/sign-in/back/",)
_AREAS = {
    "/oauth/": Area.OAUTH,
    METADATA_PATH: Area.OAUTH,
    "/partners/": Area.PARTNERS,
    "/access/": Area.ACCESS,
    DISCOVERY: Area.ACCESS,
    "/api/": Area.FAMILIES,
    "/ledger/": Area.LEDGER,
    "/health/": Area.HEALTH,
}


def behind_doors(app: ASGIApp, application: Application) -> ASGIApp:
    """All that a port serves: whatever is asked for another name is refused before anything."""
    outside = application.outside(DatabaseRole.PORTAL)
    health = health_paths(lambda: what_lacks(outside.engine, outside.vault))
    with_health = HeadAsGet(ByPath(health, others=app), not_below=_USED_UP_BY_GET)
    hosts = names_at([application.settings.public_url], application.settings)
    return HostsAllowed(with_health, hosts=hosts, answer=lambda _: problem_response(MISDIRECTED))


def _serve(app: ASGIApp, application: Application, process: str) -> None:
    settings = application.settings
    load_readers()
    seen = traced(behind_doors(app, application), settings, process)
    with counting(seen, settings, area_by(_AREAS)) as counted:
        serve_port(
            counted,
            port=settings.port,
            listen=settings.listen,
            workers=settings.worker_count,
            disconnect=application.disconnect,
            tls=tls_as_set(settings),
        )
