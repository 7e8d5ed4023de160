"""Who has looked at a family, as its parents may be given it."""

from starlette.responses import Response

from services.aggregation.profile import ProfileRefused
from services.portal.addresses import PersonInPath
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.frame import FamilyPage
from services.portal.presenters.looks import look_lines
from services.portal.presenters.parents import looks_for_parents
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/who-has-looked/for-parents")
def show(visit: CurrentVisit, person: PersonInPath) -> Response:
    """List the looks without what a young person has asked that their parents are not told."""
    looks = visit.services.who_has_looked(visit.who, person)
    if isinstance(looks, ProfileRefused):
        return visit.show_refused(person, looks)
    decisions = visit.services.decisions(visit.who, person)
    if isinstance(decisions, ProfileRefused):
        return visit.show_refused(person, decisions)
    return visit.show_family(
        "looks_for_parents.html",
        FamilyPage.WHO_HAS_LOOKED,
        person,
        looks=look_lines(looks_for_parents(looks, decisions)),
    )
