"""The routers of the workbench's pages, in the order in which routes are tried."""

from services.portal.audit.access import (
    pages_access,
    pages_could_see,
    pages_explain,
    pages_looks,
    pages_naming,
)
from services.portal.audit.decisions import pages as pages_decisions
from services.portal.audit.exports import pages as exports
from services.portal.audit.figures import pages as figures
from services.portal.audit.figures import pages_timings
from services.portal.audit.home import pages as home
from services.portal.audit.integrity import pages as integrity
from services.portal.audit.reviews import (
    pages_affected,
    pages_hit,
    pages_questions,
    pages_queue,
    pages_review,
    pages_unusual,
)

AUDIT_ROUTERS = (
    home.router,
    pages_naming.router,
    pages_looks.router,
    pages_access.router,
    pages_explain.router,
    pages_could_see.router,
    pages_decisions.router,
    pages_unusual.router,
    pages_hit.router,
    pages_queue.router,
    pages_review.router,
    pages_affected.router,
    pages_questions.router,
    pages_timings.router,
    integrity.router,
    figures.router,
    exports.router,
    figures.services_router,
)
