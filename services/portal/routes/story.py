"""The family's story."""

from starlette.responses import Response

from services.aggregation.profile import ProfileRefused
from services.portal.addresses import PersonInPath
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.frame import FamilyPage, purpose_bar
from services.portal.presenters.story import links_of, story_items
from services.portal.presenters.story_confirmed import whole_story_confirmed
from services.portal.signed_in import CurrentVisit
from services.portal.story_done import Done, readers_of

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/story")
def show(visit: CurrentVisit, person: PersonInPath, done: Done | None = None) -> Response:
    """Show what the family said and who may read it; `done` is what was just done about it."""
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    if isinstance(profile, ProfileRefused):
        return visit.show_refused(person, profile)
    readers = readers_of(visit, person, list(profile.story))
    if isinstance(readers, ProfileRefused):
        return visit.show_refused(person, readers)
    items = story_items(profile, readers)
    return visit.show_family(
        "story.html",
        FamilyPage.STORY,
        person,
        profile,
        story=items,
        links=links_of(items, visit.addresses(person)),
        confirmed=whole_story_confirmed(profile.story),
        purposes=purpose_bar(visit.purpose),
        done=done,
    )
