"""The interfaces for machines, each with the paths under which it is served.

To add one: make its application here and give its paths; whatever is served beside it never sees
its requests.
"""

from collections.abc import Mapping

from fastapi import FastAPI
from starlette.types import ASGIApp

from services.access.app import DISCOVERY, create_access_app
from services.adapters.access_service import admit_askers, evaluating
from services.adapters.families_service import opening_families
from services.adapters.ledger_publication import PublishedLedgerOnDatabase
from services.adapters.partner_work import partner_work
from services.audit.ledger_app import create_ledger_app
from services.bootstrap import Application, DatabaseRole
from services.by_path import ByPath
from services.families.app import create_families_app
from services.partners.app import create_partners_app
from services.partners.routes.authorization_server import METADATA_PATH
from services.partners.settings import PartnerSettings


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
    return create_partners_app(partner_work(outside), settings)


def families_app(application: Application) -> FastAPI:
    """Families for partners' own screens: let in with the connectors' rights, read as pages are."""
    return create_families_app(
        opening_families(application.outside(DatabaseRole.PORTAL)),
        open_work=partner_work(application.outside(DatabaseRole.CONNECTORS)),
        settings=PartnerSettings(application.settings.served_at),
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
