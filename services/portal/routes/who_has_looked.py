"""Who has looked at a family, and who was refused."""

from starlette.responses import Response

from services.aggregation.profile import ProfileRefused
from services.portal.addresses import PersonInPath
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.frame import FamilyPage
from services.portal.presenters.looks import look_lines
from services.portal.presenters.parents import some_are_not_for_parents
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/who-has-looked")
def show(visit: CurrentVisit, person: PersonInPath) -> Response:
    """List every look, newest first."""
    looks = visit.services.who_has_looked(visit.who, person)
    if isinstance(looks, ProfileRefused):
        return visit.show_refused(person, looks)
    decisions = visit.services.decisions(visit.who, person)
    if isinstance(decisions, ProfileRefused):
        return visit.show_refused(person, decisions)
    return visit.show_family(
        "who_has_looked.html",
        FamilyPage.WHO_HAS_LOOKED,
        person,
        looks=look_lines(looks),
        is_not_for_parents=some_are_not_for_parents(decisions),
    )
