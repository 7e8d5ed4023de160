"""Correcting what was written down: other words in its place, beside those that stay."""

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
from services.portal.signed_in import CurrentVisit, Visit
from services.portal.story_done import Done, after, readers_of, standing_entries
from services.portal.story_form import read_told

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/story/{entry}/correct")
def show(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath) -> Response:
    """Show what was written and ask what is right."""
    return _form(visit, person, entry, Submitted(), FormErrors())


@router.post(
    "/families/{person}/story/{entry}/correct",
    dependencies=[Depends(FormCheck(FormPurpose.CORRECT_STORY))],
)
def correct(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath, form: Form) -> Response:
    """Write the correction down, then show the story."""
    errors = FormErrors()
    told = read_told(form, errors)
    if errors:
        return _form(visit, person, entry, form, errors)
    changed = visit.services.correct_story(visit.who, person, visit.purpose, entry, told)
    return after(visit, person, changed, Done.CORRECTED)


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
    return visit.show_family(
        "correct_story.html",
        FamilyPage.STORY,
        person,
        profile,
        status=422 if errors else 200,
        item=one_item(profile, found[0], readers),
        form=form if errors else Submitted({"text": [found[0].entry.text]}),
        errors=errors,
        action=visit.addresses(person).correct_story(entry),
        token=visit.token(FormPurpose.CORRECT_STORY),
    )
