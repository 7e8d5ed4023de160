"""One sharing decision: all that is on record about it, and what can be done."""

from starlette.responses import Response

from services.aggregation.profile import ProfileRefused
from services.portal.addresses import DecisionInPath, PersonInPath
from services.portal.guard import guarded_router
from services.portal.one_decision import decision_of
from services.portal.permissions import Permission
from services.portal.presenters.decision_page import decision_page
from services.portal.presenters.frame import FamilyPage
from services.portal.presenters.references import record_reference
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent/{decision}")
def show(visit: CurrentVisit, person: PersonInPath, decision: DecisionInPath) -> Response:
    """Show the decision."""
    found = decision_of(visit, person, decision)
    if isinstance(found, ProfileRefused):
        return visit.show_refused(person, found)
    return visit.show_family(
        "decision.html",
        FamilyPage.CONSENT,
        person,
        decision_reference=record_reference(decision),
        decision=decision_page(found, visit.addresses(person), visit.who.id),
        receipt=visit.addresses(person).receipt(decision),
    )
