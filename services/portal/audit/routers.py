"""The routers of the workbench's pages, in the order in which routes are tried."""

from services.portal.audit import pages_home
from services.portal.audit.access import (
    pages_access,
    pages_could_see,
    pages_explain,
    pages_looks,
    pages_naming,
)

AUDIT_ROUTERS = (
    pages_home.router,
    pages_naming.router,
    pages_looks.router,
    pages_access.router,
    pages_explain.router,
    pages_could_see.router,
)
