"""Writing down what the family said, after showing who will be able to read it."""

from fastapi import Depends
from starlette.responses import Response

from schemas.identifiers import PersonId
from services.aggregation.profile import Profile, ProfileRefused
from services.aggregation.story_views import StoryScope
from services.portal.addresses import PersonInPath
from services.portal.csrf import FormPurpose
from services.portal.form_check import Form, FormCheck
from services.portal.forms import FormErrors, Submitted
from services.portal.guard import guarded_router
from services.portal.permissions import Permission
from services.portal.presenters.frame import FamilyPage
from services.portal.presenters.story_form import checked_story, story_choices
from services.portal.presenters.story_readers import ReadersInWords, readers_in_words
from services.portal.signed_in import CurrentVisit, Visit, go_to
from services.portal.story_done import Done
from services.portal.story_form import CARRIED, read_told
from services.portal.story_ports import ToldStory

SAVE = "save"
CHANGE = "change"

router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/story/new")
def show(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show the form, with who may read what the family shares as it decided."""
    return _form(visit, person, Submitted(), FormErrors())


@router.post(
    "/families/{person}/story/new", dependencies=[Depends(FormCheck(FormPurpose.ADD_STORY))]
)
def add(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Show who will be able to read it; then write it down, then show the story."""
    colleagues = visit.services.who_may_be_named(visit.who, person, visit.purpose)
    errors = FormErrors()
    told = read_told(form, errors, colleagues)
    if errors or form.text("step") == CHANGE:
        return _form(visit, person, form, errors)
    if form.text("step") != SAVE:
        return _check(visit, person, form, told)
    refused = visit.services.add_story(visit.who, person, told)
    if refused is not None:
        return visit.show_refused(person, refused)
    return go_to(visit.addresses(person).story_after(Done.ADDED))


def _form(visit: Visit, person: PersonId, form: Submitted, errors: FormErrors) -> Response:
    readers = _readers(visit, person, StoryScope((person,)))
    if isinstance(readers, ProfileRefused):
        return visit.show_refused(person, readers)
    profile = _profile(visit, person)
    colleagues = visit.services.who_may_be_named(visit.who, person, visit.purpose)
    return visit.show_family(
        "add_story.html",
        FamilyPage.STORY,
        person,
        profile,
        status=422 if errors else 200,
        form=form,
        errors=errors,
        choices=story_choices(form, profile, colleagues),
        readers=readers,
        token=visit.token(FormPurpose.ADD_STORY),
    )


def _check(visit: Visit, person: PersonId, form: Submitted, told: ToldStory) -> Response:
    readers = _readers(visit, person, StoryScope((person, *told.about), told.kept_to))
    if isinstance(readers, ProfileRefused):
        return visit.show_refused(person, readers)
    profile = _profile(visit, person)
    return visit.show_family(
        "check_story.html",
        FamilyPage.STORY,
        person,
        profile,
        told=checked_story(told, person, profile),
        readers=readers,
        carried=[(name, value) for name in CARRIED for value in form.chosen(name)],
        token=visit.token(FormPurpose.ADD_STORY),
    )


def _readers(visit: Visit, person: PersonId, scope: StoryScope) -> ReadersInWords | ProfileRefused:
    found = visit.services.story_readers(visit.who, person, [scope])
    if isinstance(found, ProfileRefused):
        return found
    return readers_in_words(found[0], scope.kept_to)


def _profile(visit: Visit, person: PersonId) -> Profile | None:
    """Whom it may be about; whoever may not read the family may still write down what it says."""
    profile = visit.services.read_profile(visit.who, person, visit.purpose)
    return None if isinstance(profile, ProfileRefused) else profile
