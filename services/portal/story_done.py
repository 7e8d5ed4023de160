"""What has become of a change to the story, and the page that says so."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from schemas.identifiers import PersonId
from schemas.vocabulary import LabelledCode
from services.aggregation.profile import Profile, ProfileRefused, StoryView
from services.portal.presenters.story import Readers
from services.portal.presenters.story_readers import readers_in_words
from services.portal.signed_in import Visit, go_to
from services.portal.story_ports import StoryOutcome


class Done(LabelledCode):
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
        return self not in {Done.CORRECTED_BEFORE, Done.WIDER}


def after(
    visit: Visit, person: PersonId, changed: ProfileRefused | StoryOutcome, done: Done
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
        StoryOutcome.CORRECTED_BEFORE: Done.CORRECTED_BEFORE,
        StoryOutcome.WIDER_THAN_BEFORE: Done.WIDER,
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
