"""What signs in to my page: a second telephone or e-mail, and stopping one that was lost."""

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisit,
    FamilyVisitor,
    own_router,
    to,
)

router = own_router()
AT = "/sign-in-with"
_NOT_THERE = "We cannot find that page"
_KeyInPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get(AT)
def show_ways(
    visit: FamilyVisitor, done: Annotated[str, Query(pattern="^(added|stopped)$")] = ""
) -> Response:
    """Each by how it ends, never whole: somebody may look on."""
    found = visit.services.letting.ways(visit.session)
    return visit.show("getting_in/sign_in_with.html", ways=found, done=done)


@router.post(AT + "/{key}")
def change(visit: FamilyVisitor, form: CheckedForm, key: _KeyInPath) -> Response:
    """Stopping is at once; a second asks for two codes."""
    letting = visit.services.letting
    if form.text("say") == "stop":
        done = letting.stop_contact(visit.session, key)
        return to(f"{AT}?done=stopped") if done else _not_there(visit)
    asked = letting.ask_for_both(visit.session, key)
    return to(f"{AT}/{key}/code") if asked else _not_there(visit)


@router.get(AT + "/{key}/code")
def show_codes(visit: FamilyVisitor, key: _KeyInPath) -> Response:
    """Ask for both."""
    return visit.show("getting_in/sign_in_with_codes.html", key=key)


@router.post(AT + "/{key}/code")
def choose(visit: FamilyVisitor, form: CheckedForm, key: _KeyInPath) -> Response:
    """Let the second sign in too."""
    first, second = form.text("first"), form.text("second")
    if visit.services.letting.choose(visit.session, key, first, second):
        return to(f"{AT}?done=added")
    errors = {"first": "That did not work. Look at both codes."}
    return visit.show("getting_in/sign_in_with_codes.html", 422, key=key, errors=errors)


def _not_there(visit: FamilyVisit) -> Response:
    return visit.show("failure.html", 404, heading=_NOT_THERE)
