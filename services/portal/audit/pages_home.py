"""The first page of the workbench: what waits, and the questions that auditors ask."""

from starlette.responses import Response

from services.audit.postgres_what_waits import what_waits
from services.portal.audit.addresses import AUDIT
from services.portal.audit.frame import AuditSection, answered, audit_router, show_audit
from services.portal.audit.words_home import questions, waiting_in_words
from services.portal.frame.visit import CurrentVisit
from services.portal.front.orders_words import how_many_wait
from services.portal.words.dates import moment_in_words

router = audit_router()


@router.get(AUDIT)
def show_audit_home(visit: CurrentVisit) -> Response:
    """Show what waits, and where each question is answered."""
    waits = answered(visit, what_waits)
    return show_audit(
        visit,
        "home.html",
        AuditSection.HOME,
        entered=waits.entered,
        now=moment_in_words(visit.services.now()),
        waiting=waiting_in_words(waits),
        orders_wait=how_many_wait(visit.services.orders.waiting(visit.who)),
        questions=questions(),
    )
