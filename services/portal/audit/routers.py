"""The routers of the workbench's pages, in the order in which routes are tried."""

from services.portal.audit import (
    pages_exports,
    pages_figures,
    pages_home,
    pages_integrity,
    pages_timings,
)

AUDIT_ROUTERS = (
    pages_home.router,
    pages_timings.router,
    pages_integrity.router,
    pages_figures.router,
    pages_exports.router,
)
