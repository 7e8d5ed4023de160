"""The family's story."""

from starlette.responses import Response

from services.aggregation.profile import ProfileRefused
from services.portal.addresses import PersonInPath
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.frame import FamilyPage, purpose_bar
from services.portal.presenters.story import story_items
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/story")
def show(visit: CurrentVisit, person: PersonInPath, *, added: bool = False) -> Response:
    """Show what the family said; `added` says that something was just written down."""
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    if isinstance(profile, ProfileRefused):
        return visit.show_refused(person, profile)
    return visit.show_family(
        "story.html",
        FamilyPage.STORY,
        person,
        profile,
        story=story_items(profile),
        purposes=purpose_bar(visit.purpose),
        added=added,
    )
