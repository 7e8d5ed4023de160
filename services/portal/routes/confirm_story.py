"""Writing down that nothing has changed, instead of asking again."""

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
from services.portal.story_done import Done, after, standing_entries
from services.portal.story_form import read_name

router = guarded_router(Permission.FAMILY_RECORDS)
_CHECK = [Depends(FormCheck(FormPurpose.CONFIRM_STORY))]


@router.get("/families/{person}/story/confirm")
def show_all(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show all that stands and ask who says that nothing has changed."""
    return _form(visit, person, None, Submitted(), FormErrors())


@router.post("/families/{person}/story/confirm", dependencies=_CHECK)
def confirm_all(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Write it down for what the page showed, then show the story."""
    return _confirm(visit, person, None, form)


@router.get("/families/{person}/story/{entry}/confirm")
def show(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath) -> Response:
    """Show one entry and ask who says that it still holds."""
    return _form(visit, person, entry, Submitted(), FormErrors())


@router.post("/families/{person}/story/{entry}/confirm", dependencies=_CHECK)
def confirm(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath, form: Form) -> Response:
    """Write it down for the one entry, then show the story."""
    return _confirm(visit, person, entry, form)


def _confirm(visit: Visit, person: PersonId, entry: str | None, form: Submitted) -> Response:
    """What was not on the page is not confirmed, though it may stand by now."""
    errors = FormErrors()
    told_by = read_name(form, errors, "told-by", "Who said so", "Enter who said so")
    if errors:
        return _form(visit, person, entry, form, errors)
    entries = form.chosen("entry") if entry is None else (entry,)
    changed = visit.services.confirm_story(
        visit.who, person, visit.purpose, entries, told_by=told_by
    )
    return after(visit, person, changed, Done.CONFIRMED)


def _form(
    visit: Visit, person: PersonId, entry: str | None, form: Submitted, errors: FormErrors
) -> Response:
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    if isinstance(profile, ProfileRefused):
        return visit.show_refused(person, profile)
    found = standing_entries(profile, entry)
    addresses = visit.addresses(person)
    return visit.show_family(
        "confirm_story.html",
        FamilyPage.STORY,
        person,
        profile,
        status=422 if errors else 200,
        items=[one_item(profile, view) for view in found],
        is_whole=entry is None,
        form=form,
        errors=errors,
        action=addresses.confirm_story if entry is None else addresses.confirm_entry(entry),
        token=visit.token(FormPurpose.CONFIRM_STORY),
    )
