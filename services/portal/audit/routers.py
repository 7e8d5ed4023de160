"""The routers of the workbench's pages, in the order in which routes are tried."""

from services.portal.audit import pages_home

AUDIT_ROUTERS = (pages_home.router,)
