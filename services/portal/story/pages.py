"""The pages of the family's story: read, add, confirm, correct, keep to fewer people."""

from fastapi import Depends
from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import EntryInPath, PersonInPath
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.story.form import CARRIED, KEEP_SERVICES, read_kept_to, read_name, read_told
from services.portal.story.form_words import (
    ReadersInWords,
    checked_story,
    keep_choices,
    kept_before,
    readers_in_words,
    story_choices,
)
from services.portal.story.words import (
    Readers,
    links_of,
    one_item,
    story_items,
    whole_story_confirmed,
)
from services.portal.words.frame import FamilyPage, purpose_bar
from services.profile.model import Profile, ProfileRefused, StoryScope, StoryView
from services.profile.story.writing import StoryOutcome, ToldStory

# What has become of a change to the story, and the page that says so.


class StoryDone(LabelledCode):
    """What was just done about the story, in the words of the page that follows."""

    ADDED = "added", "Written down. Those who may read it find it here within a few seconds."
    CORRECTED = "corrected", "Corrected. What was written first stays, struck through."
    CONFIRMED = "confirmed", "Written down that nothing has changed."
    KEPT = "kept", "From now on fewer people may read it."
    CORRECTED_BEFORE = (
        "corrected-before",
        "Nothing was changed: somebody has corrected it meanwhile. Read what they wrote first.",
    )
    WIDER = "wider", "Nothing was changed: what the family keeps to some cannot be shared wider."

    @property
    def is_success(self) -> bool:
        """Whether what was asked for was done."""
        return self not in {StoryDone.CORRECTED_BEFORE, StoryDone.WIDER}


def after(
    visit: Visit, person: PersonId, changed: ProfileRefused | StoryOutcome, done: StoryDone
) -> Response:
    """Go on to the story once it was changed, or say why it was not.

    Raises HTTPException 404 for an entry that is not there for this practitioner.
    """
    if isinstance(changed, ProfileRefused):
        return visit.show_refused(person, changed)
    if changed is StoryOutcome.NOT_SHOWN:
        raise HTTPException(404)
    said = {
        StoryOutcome.WRITTEN: done,
        StoryOutcome.CORRECTED_BEFORE: StoryDone.CORRECTED_BEFORE,
        StoryOutcome.WIDER_THAN_BEFORE: StoryDone.WIDER,
    }
    return go_to(visit.addresses(person).story_after(said[changed]))


def standing_entries(profile: Profile, entry: str | None = None) -> list[StoryView]:
    """The entries that nobody corrected, newest first, or the one with this key.

    Raises HTTPException 404 where there is none for this practitioner.
    """
    found = [v for v in profile.story if not v.corrections and entry in {None, v.key}]
    if not found:
        raise HTTPException(404)
    return found


def readers_of(
    visit: Visit, person: PersonId, entries: list[StoryView]
) -> Readers | ProfileRefused:
    """Who may read these entries, in words."""
    scopes = tuple(dict.fromkeys(view.scope for view in entries))
    found = visit.services.story_readers(visit.who, person, scopes)
    if isinstance(found, ProfileRefused):
        return found
    return {
        scope: readers_in_words(readers, scope.kept_to)
        for scope, readers in zip(scopes, found, strict=True)
    }


router = guarded_router(Permission.FAMILY_RECORDS)


@router.get("/families/{person}/story")
def show_story(
    visit: CurrentVisit, person: PersonInPath, done: StoryDone | None = None
) -> Response:
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


# Writing down what the family said, after showing who will be able to read it.

SAVE = "save"
CHANGE = "change"


@router.get("/families/{person}/story/new")
def show_form_to_add(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show the form, with who may read what the family shares as it decided."""
    return _form_to_add(visit, person, visit.typed(), FormErrors())


@router.post(
    "/families/{person}/story/new", dependencies=[Depends(FormCheck(FormPurpose.ADD_STORY))]
)
def add(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Show who will be able to read it; then write it down, then show the story."""
    colleagues = visit.services.who_may_be_named(visit.who, person, visit.purpose)
    errors = FormErrors()
    told = read_told(form, errors, colleagues)
    if errors or form.text("step") == CHANGE:
        return _form_to_add(visit, person, form, errors)
    if form.text("step") != SAVE:
        return _check(visit, person, form, told)
    refused = visit.services.add_story(visit.who, person, told)
    if refused is not None:
        return visit.show_refused(person, refused)
    return go_to(visit.addresses(person).story_after(StoryDone.ADDED))


def _form_to_add(visit: Visit, person: PersonId, form: Submitted, errors: FormErrors) -> Response:
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


# Writing down that nothing has changed, instead of asking again.

_CHECK = [Depends(FormCheck(FormPurpose.CONFIRM_STORY))]


@router.get("/families/{person}/story/confirm")
def show_form_to_confirm_all(visit: CurrentVisit, person: PersonInPath) -> Response:
    """Show all that stands and ask who says that nothing has changed."""
    return _form_to_confirm(visit, person, None, visit.typed(), FormErrors())


@router.post("/families/{person}/story/confirm", dependencies=_CHECK)
def confirm_all(visit: CurrentVisit, person: PersonInPath, form: Form) -> Response:
    """Write it down for what the page showed, then show the story."""
    return _confirm(visit, person, None, form)


@router.get("/families/{person}/story/{entry}/confirm")
def show_form_to_confirm(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath) -> Response:
    """Show one entry and ask who says that it still holds."""
    return _form_to_confirm(visit, person, entry, visit.typed(), FormErrors())


@router.post("/families/{person}/story/{entry}/confirm", dependencies=_CHECK)
def confirm(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath, form: Form) -> Response:
    """Write it down for the one entry, then show the story."""
    return _confirm(visit, person, entry, form)


def _confirm(visit: Visit, person: PersonId, entry: str | None, form: Submitted) -> Response:
    """What was not on the page is not confirmed, though it may stand by now."""
    errors = FormErrors()
    told_by = read_name(form, errors, "told-by", "Who said so", "Enter who said so")
    if errors:
        return _form_to_confirm(visit, person, entry, form, errors)
    entries = form.chosen("entry") if entry is None else (entry,)
    changed = visit.services.confirm_story(
        visit.who, person, visit.purpose, entries, told_by=told_by
    )
    return after(visit, person, changed, StoryDone.CONFIRMED)


def _form_to_confirm(
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


# Correcting what was written down: other words in its place, beside those that stay.


@router.get("/families/{person}/story/{entry}/correct")
def show_form_to_correct(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath) -> Response:
    """Show what was written and ask what is right."""
    return _form_to_correct(visit, person, entry, visit.typed(), FormErrors())


@router.post(
    "/families/{person}/story/{entry}/correct",
    dependencies=[Depends(FormCheck(FormPurpose.CORRECT_STORY))],
)
def correct(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath, form: Form) -> Response:
    """Write the correction down, then show the story."""
    errors = FormErrors()
    told = read_told(form, errors)
    if errors:
        return _form_to_correct(visit, person, entry, form, errors)
    changed = visit.services.correct_story(visit.who, person, visit.purpose, entry, told)
    return after(visit, person, changed, StoryDone.CORRECTED)


def _form_to_correct(
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
        form=form if form.fields else Submitted({"text": [found[0].entry.text]}),
        errors=errors,
        action=visit.addresses(person).correct_story(entry),
        token=visit.token(FormPurpose.CORRECT_STORY),
    )


# Keeping an entry to fewer people than the family's decisions let read it.


@router.get("/families/{person}/story/{entry}/keep")
def show_form_to_keep(visit: CurrentVisit, person: PersonInPath, entry: EntryInPath) -> Response:
    """Show the entry and who may read it now, and ask whom it is kept to."""
    return _form_to_keep(visit, person, entry, visit.typed(), FormErrors())


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
        return _form_to_keep(visit, person, entry, form, errors)
    changed = visit.services.keep_story(visit.who, person, visit.purpose, entry, kept_to)
    return after(visit, person, changed, StoryDone.KEPT)


def _form_to_keep(
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
        choices=keep_choices(form if form.fields else kept_before(found[0].kept_to), colleagues),
        errors=errors,
        action=visit.addresses(person).keep_story(entry),
        token=visit.token(FormPurpose.KEEP_STORY),
    )
