"""What has happened."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from schemas.vocabulary import Source
from services.aggregation.profile import ProfileRefused
from services.portal.addresses import PersonInPath
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.choices import choices_of
from services.portal.presenters.frame import FamilyPage, purpose_bar
from services.portal.presenters.timeline import sources_on, timeline_items
from services.portal.signed_in import CurrentVisit

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/timeline")
def show(
    visit: CurrentVisit,
    person: PersonInPath,
    source: Annotated[frozenset[Source], Query()] = frozenset(),
) -> Response:
    """Show the timeline, of the chosen sources if any are chosen."""
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    if isinstance(profile, ProfileRefused):
        return visit.show_refused(person, profile)
    return visit.show_family(
        "timeline.html",
        FamilyPage.TIMELINE,
        person,
        profile,
        timeline=timeline_items(profile, source),
        sources=choices_of(sources_on(profile), source),
        is_filtered=bool(source),
        purposes=purpose_bar(visit.purpose),
    )
