"""The decisions that somebody should ask about again."""

from starlette.responses import Response

from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.due import due_lines
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/due-for-review")
def show(visit: CurrentVisit) -> Response:
    """List what is due in the practitioner's own families, longest due first."""
    due = visit.services.decisions_due(visit.who)
    return visit.show("decisions_due.html", due=due_lines(due))
