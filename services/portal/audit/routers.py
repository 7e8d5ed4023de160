"""The routers of the workbench's pages, in the order in which routes are tried."""

from services.portal.audit import pages_home
from services.portal.audit.exports import pages as exports
from services.portal.audit.figures import pages as figures
from services.portal.audit.figures import pages_timings
from services.portal.audit.integrity import pages as integrity

AUDIT_ROUTERS = (
    pages_home.router,
    pages_timings.router,
    integrity.router,
    figures.router,
    exports.router,
    figures.services_router,
)
