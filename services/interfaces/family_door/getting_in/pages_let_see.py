"""Who else can see my page: a young person lets a parent see it, and stops it at once."""

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
from services.people.family_access.letting_see.letting import GrownUp

router = own_router()
AT = "/grown-ups"
_NOT_THERE = "We cannot find that page"
_KeyInPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get(AT)
def show_grown_ups(
    visit: FamilyVisitor, done: Annotated[str, Query(pattern="^(lets|stopped)$")] = ""
) -> Response:
    """Each parent whom a service names, and whether they can see this page."""
    found = visit.services.letting.grown_ups(visit.session)
    if found is None:
        return _not_there(visit)
    return visit.show("getting_in/grown_ups.html", grown_ups=found, done=done)


@router.get(AT + "/{key}")
def show_grown_up(visit: FamilyVisitor, key: _KeyInPath) -> Response:
    """One of them, and what follows."""
    found = _grown_up(visit, key)
    if found is None:
        return _not_there(visit)
    return visit.show("getting_in/grown_up.html", one=found)


@router.post(AT + "/{key}")
def choose(visit: FamilyVisitor, form: CheckedForm, key: _KeyInPath) -> Response:
    """Stopping is at once; letting them see asks for a new code."""
    if form.text("say") == "stop":
        done = visit.services.letting.stop(visit.session, key)
        return to(f"{AT}?done=stopped") if done else _not_there(visit)
    if _grown_up(visit, key) is None:
        return _not_there(visit)
    visit.services.ask_to_decide(visit.session)
    return to(f"{AT}/{key}/code")


@router.get(AT + "/{key}/code")
def show_code(visit: FamilyVisitor, key: _KeyInPath) -> Response:
    """Ask for the code that only they get."""
    return visit.show("getting_in/grown_up_code.html", key=key)


@router.post(AT + "/{key}/code")
def let_see(visit: FamilyVisitor, form: CheckedForm, key: _KeyInPath) -> Response:
    """Let them see, by the code."""
    if visit.services.letting.let_see(visit.session, key, form.text("code")):
        return to(f"{AT}?done=lets")
    errors = {"code": "That did not work. Look at the 6 numbers."}
    return visit.show("getting_in/grown_up_code.html", 422, key=key, errors=errors)


def _grown_up(visit: FamilyVisit, key: str) -> GrownUp | None:
    found = visit.services.letting.grown_ups(visit.session) or ()
    return next((one for one in found if one.key == key), None)


def _not_there(visit: FamilyVisit) -> Response:
    return visit.show("failure.html", 404, heading=_NOT_THERE)
