"""The overview of a family."""

from starlette.responses import Response

from services.aggregation.profile import ProfileRefused
from services.portal.addresses import PersonInPath
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.frame import FamilyPage, purpose_bar
from services.portal.presenters.overview import overview_of
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}")
def show(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show the family as the practitioner may see it."""
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    if isinstance(profile, ProfileRefused):
        return visit.show_refused(person, profile)
    return visit.show_family(
        "overview.html",
        FamilyPage.OVERVIEW,
        person,
        profile,
        overview=overview_of(profile),
        purposes=purpose_bar(visit.purpose),
    )
