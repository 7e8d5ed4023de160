"""The first page of the workbench: what waits, and the questions that auditors ask."""

from starlette.responses import Response

from services.portal.audit.addresses import AUDIT
from services.portal.audit.frame import AuditSection, audit_router, show_audit
from services.portal.audit.words_home import questions
from services.portal.frame.visit import CurrentVisit

router = audit_router()


@router.get(AUDIT)
def show_audit_home(visit: CurrentVisit) -> Response:
    """Show what waits, and where each question is answered."""
    return show_audit(visit, "home.html", AuditSection.HOME, questions=questions())
