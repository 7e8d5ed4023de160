"""The page "From pregnancy to two" of a family's record, and that it is only for who may see it."""

from starlette.responses import Response

from services.people.practitioners.permissions import Permission
from services.portal.family.early.words import early_lines, early_opening
from services.portal.frame.addresses import PersonInPath
from services.portal.frame.guard import guarded_router
from services.portal.frame.visit import CurrentVisit
from services.portal.words.frame import FamilyPage, purpose_bar
from services.profile.merging.early import from_pregnancy_to_two
from services.profile.model import ProfileRefused

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/from-pregnancy-to-two")
def show_early(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show each step by what is shared with whoever looks; an emergency alone does not open it.

    It is the look that every page of the record is, entered as such.
    """
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    if isinstance(profile, ProfileRefused):
        return visit.show_refused(person, profile)
    if profile.is_by_emergency_alone:
        return visit.show_nothing()
    return visit.show_family(
        "early.html",
        FamilyPage.EARLY,
        person,
        profile,
        opening=early_opening(profile),
        programme=visit.portal.settings.early_programme,
        lines=early_lines(from_pregnancy_to_two(profile, visit.today), visit.today),
        purposes=purpose_bar(visit.purpose),
    )
