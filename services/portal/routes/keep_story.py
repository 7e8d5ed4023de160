"""Keeping an entry to fewer people than the family's decisions let read it."""

from fastapi import Depends
from starlette.responses import Response

from schemas.identifiers import PersonId
from services.aggregation.profile import ProfileRefused
from services.portal.addresses import EntryInPath, PersonInPath
from services.portal.csrf import FormPurpose
from services.portal.form_check import Form, FormCheck
from services.portal.forms import FormErrors, Submitted
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.frame import FamilyPage
from services.portal.presenters.story import one_item
from services.portal.presenters.story_form import keep_choices, kept_before
from services.portal.signed_in import CurrentVisit, Visit
from services.portal.story_done import Done, after, readers_of, standing_entries
from services.portal.story_form import KEEP_SERVICES, read_kept_to

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/story/{entry}/keep")
def show(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath) -> Response:
    """Show the entry and who may read it now, and ask whom it is kept to."""
    return _form(visit, person, entry, Submitted(), FormErrors())


@router.post(
    "/families/{person}/story/{entry}/keep",
    dependencies=[Depends(FormCheck(FormPurpose.KEEP_STORY))],
)
def keep(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath, form: Form) -> Response:
    """Keep it to these from now on, then show the story."""
    errors = FormErrors()
    colleagues = visit.services.who_may_be_named(visit.who, person, visit.purpose)
    kept_to = read_kept_to(form, errors, colleagues)
    if not kept_to:
        errors.add(KEEP_SERVICES, "Select at least one of those to whom they keep it")
    if errors:
        return _form(visit, person, entry, form, errors)
    changed = visit.services.keep_story(visit.who, person, visit.purpose, entry, kept_to)
    return after(visit, person, changed, Done.KEPT)


def _form(
    visit: Visit, person: PersonId, entry: str, form: Submitted, errors: FormErrors
) -> Response:
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    if isinstance(profile, ProfileRefused):
        return visit.show_refused(person, profile)
    found = standing_entries(profile, entry)
    readers = readers_of(visit, person, found)
    if isinstance(readers, ProfileRefused):
        return visit.show_refused(person, readers)
    colleagues = visit.services.who_may_be_named(visit.who, person, visit.purpose)
    return visit.show_family(
        "keep_story.html",
        FamilyPage.STORY,
        person,
        profile,
        status=422 if errors else 200,
        item=one_item(profile, found[0], readers),
        choices=keep_choices(form if errors else kept_before(found[0].kept_to), colleagues),
        errors=errors,
        action=visit.addresses(person).keep_story(entry),
        token=visit.token(FormPurpose.KEEP_STORY),
    )
