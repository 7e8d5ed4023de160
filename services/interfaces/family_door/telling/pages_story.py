"""Your story: read, add, correct, nothing has changed, keep to some; one thing a page."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from schemas.identifiers import PersonId
from schemas.vocabulary import Source
from services.interfaces.family_door.agreeing.pages import not_there
from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisit,
    FamilyVisitor,
    own_router,
    to,
)
from services.interfaces.family_door.telling.services import (
    StoryPage,
    add_to_story,
    confirm_story,
    correct_story,
    keep_story,
    show_story,
)
from services.interfaces.family_door.telling.words import OwnEntryLine, entry_lines, readers_line
from services.interfaces.family_door.words import SERVICES, called
from services.platform.ticks import refused
from services.portal.frame.forms import Submitted

router = own_router()
_KeyInPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
MOST_LETTERS = 2000
_STORY = "/story"
_TOO_OFTEN = "We could not write this down. Try again later, or tell one of us."
_SERVICE_ITEMS = [(one.value, SERVICES[one]) for one in Source]


@router.get("/story")
def show_own_story(visit: FamilyVisitor) -> Response:
    """What they said, newest first, and who may read it."""
    page = _page(visit)
    return visit.show("story.html", entries=entry_lines(page), readers=readers_line(page))


@router.get("/story/add")
def show_adding(visit: FamilyVisitor) -> Response:
    """Ask for their words."""
    return _adding(visit, Submitted(), {})


@router.post("/story/add")
def add(visit: FamilyVisitor, form: CheckedForm) -> Response:
    """Write them down. Whether that was let through takes as long, and is not told."""
    refused(visit.request)
    errors = _wrong_with(form)
    about = next((one for one, _ in _people(visit) if one == form.text("about")), None)
    if about is None:
        errors = {"about": "Pick one person.", **errors}
    if about is None or errors:
        return _adding(visit, form, errors)
    person, text = PersonId(about), form.text("words")
    done = visit.services.ask(lambda work: add_to_story(visit.session, person, text, work))
    return to(_STORY) if done else _adding(visit, form, {"words": _TOO_OFTEN})


@router.get("/story/{key}")
def show_entry(visit: FamilyVisitor, key: _KeyInPath) -> Response:
    """One thing they said, and what they can do about it."""
    found = _entry(visit, key)
    return not_there(visit) if found is None else visit.show("story_one.html", entry=found)


@router.post("/story/{key}")
def say_it_holds(visit: FamilyVisitor, form: CheckedForm, key: _KeyInPath) -> Response:
    """Nothing has changed in it."""
    del form
    refused(visit.request)
    done = visit.services.ask(lambda work: confirm_story(visit.session, key, work))
    return to(f"/story/{key}") if done else not_there(visit)


@router.get("/story/{key}/words")
def show_correcting(visit: FamilyVisitor, key: _KeyInPath) -> Response:
    """Ask for the right words."""
    return _correcting(visit, key, Submitted(), {})


@router.post("/story/{key}/words")
def correct(visit: FamilyVisitor, form: CheckedForm, key: _KeyInPath) -> Response:
    """Put them in the place of what was said; that stays, struck through."""
    refused(visit.request)
    errors = _wrong_with(form)
    if errors:
        return _correcting(visit, key, form, errors)
    text = form.text("words")
    done = visit.services.ask(lambda work: correct_story(visit.session, key, text, work))
    return to(_STORY) if done else not_there(visit)


@router.get("/story/{key}/keep")
def show_keeping(visit: FamilyVisitor, key: _KeyInPath) -> Response:
    """Ask who may still read it."""
    return _keeping(visit, key, {})


@router.post("/story/{key}/keep")
def keep(visit: FamilyVisitor, form: CheckedForm, key: _KeyInPath) -> Response:
    """Keep it to those alone; it can be fewer later, never more."""
    refused(visit.request)
    kept_to = frozenset(
        f"agency:{one}" for one, _ in _SERVICE_ITEMS if one in form.chosen("services")
    )
    if not kept_to:
        return _keeping(visit, key, {"services": "Pick who may still read it."})
    if _entry(visit, key) is None:
        return not_there(visit)
    if not visit.services.ask(lambda work: keep_story(visit.session, key, kept_to, work)):
        errors = {"services": "It can be fewer than now. It cannot be more."}
        return _keeping(visit, key, errors)
    return to(f"/story/{key}")


def _page(visit: FamilyVisit) -> StoryPage:
    return visit.services.ask(lambda work: show_story(visit.session, work))


def _people(visit: FamilyVisit) -> list[tuple[str, str]]:
    page = _page(visit)
    return [(one.person, called(one, number - 1)) for number, one in enumerate(page.people)]


def _entry(visit: FamilyVisit, key: str) -> OwnEntryLine | None:
    return next((one for one in entry_lines(_page(visit)) if one.key == key), None)


def _wrong_with(form: Submitted) -> dict[str, str]:
    text = form.text("words")
    if not text:
        return {"words": "Write something first."}
    return {"words": "Write a bit less."} if len(text) > MOST_LETTERS else {}


def _adding(visit: FamilyVisit, form: Submitted, errors: dict[str, str]) -> Response:
    people = _people(visit)
    chosen = form.chosen("about") or ((people[0][0],) if len(people) == 1 else ())
    return visit.show(
        "story_add.html",
        422 if errors else 200,
        people=people,
        chosen=chosen,
        words=form.text("words"),
        errors=errors,
    )


def _correcting(visit: FamilyVisit, key: str, form: Submitted, errors: dict[str, str]) -> Response:
    found = _entry(visit, key)
    if found is None or found.is_corrected:
        return not_there(visit)
    words = form.text("words")
    status = 422 if errors else 200
    return visit.show("story_words.html", status, entry=found, words=words, errors=errors)


def _keeping(visit: FamilyVisit, key: str, errors: dict[str, str]) -> Response:
    found = _entry(visit, key)
    if found is None:
        return not_there(visit)
    status = 422 if errors else 200
    return visit.show(
        "story_keep.html", status, entry=found, services=_SERVICE_ITEMS, errors=errors
    )
