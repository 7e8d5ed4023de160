"""The routers of the workbench's pages, in the order in which routes are tried."""

from services.portal.audit import pages_home
from services.portal.audit.decisions import pages as pages_decisions
from services.portal.audit.reviews import pages_questions, pages_reviews, pages_unusual

AUDIT_ROUTERS = (
    pages_home.router,
    pages_decisions.router,
    pages_unusual.router,
    pages_reviews.router,
    pages_questions.router,
)
