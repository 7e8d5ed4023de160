"""The routers of the workbench's pages, in the order in which routes are tried."""

from services.portal.audit import pages_figures, pages_home, pages_timings

AUDIT_ROUTERS = (pages_home.router, pages_timings.router, pages_figures.router)
