"""The sharing decisions about a family."""

from starlette.responses import Response

from services.aggregation.profile import ProfileRefused
from services.portal.addresses import PersonInPath
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.decisions import decision_cards
from services.portal.presenters.frame import FamilyPage
from services.portal.presenters.parents import some_are_not_for_parents
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/consent")
def show(visit: CurrentVisit, person: PersonInPath) -> Response:
    """List every decision, newest first, those that no longer hold too."""
    decisions = visit.services.decisions(visit.who, person)
    if isinstance(decisions, ProfileRefused):
        return visit.show_refused(person, decisions)
    cards = decision_cards(decisions, visit.addresses(person))
    return visit.show_family(
        "consent.html",
        FamilyPage.CONSENT,
        person,
        decisions=cards,
        is_not_for_parents=some_are_not_for_parents(decisions),
    )
