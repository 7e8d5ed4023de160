"""How to reach you, and when it is not safe; when somebody signed in last."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisit,
    FamilyVisitor,
    leaving,
    own_router,
    to,
)
from services.interfaces.family_door.keeping.services import FamilyKeeping
from services.interfaces.family_door.keeping.words import (
    PICK_ONE,
    PICK_TIME,
    WRONG,
    WayLine,
    messages_line,
    signed_in_lines,
    way_lines,
)
from services.people.family_access.keeping.reach import ReachChoice, SafeTime
from services.portal.frame.forms import Submitted

router = own_router()
_NONE = "none"
_WayInPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]


@router.get("/reach")
def show_reach(visit: FamilyVisitor) -> Response:
    """What we may send, what is not safe, and when they signed in last."""
    found = _keeping(visit).reached(visit.session)
    return visit.show(
        "reach.html",
        messages=messages_line(found),
        ways=way_lines(found.ways),
        signed_in=signed_in_lines(found),
    )


@router.get("/reach/messages")
def show_messages(visit: FamilyVisitor) -> Response:
    """Ask where messages may go, and when."""
    return _ask(visit, {})


@router.post("/reach/messages")
def choose_messages(visit: FamilyVisitor, form: CheckedForm) -> Response:
    """A new code is asked for before it is in force."""
    way, times = form.text("way"), _times(form)
    if not way:
        return _ask(visit, {"way": PICK_ONE})
    if way != _NONE and not times:
        return _ask(visit, {"time": PICK_TIME})
    visit.services.ask_to_decide(visit.session)
    return visit.show("reach_code.html", way=way, times=times)


@router.post("/reach/code")
def keep_messages(visit: FamilyVisitor, form: CheckedForm) -> Response:
    """Keep it, by the code."""
    way, times = form.text("way"), _times(form)
    choice = ReachChoice(None if way == _NONE else way, frozenset(times))
    if _keeping(visit).choose(visit.session, choice, form.text("code")):
        return to("/reach")
    errors = {"code": WRONG}
    return visit.show("reach_code.html", 422, way=way, times=times, errors=errors)


@router.get("/reach/not-safe/{way}")
def show_not_safe(visit: FamilyVisitor, way: _WayInPath) -> Response:
    """Say what it does that a contact is not safe."""
    found = next((one for one in _lines(visit) if one.key == way), None)
    if found is None:
        return visit.show("failure.html", 404, heading="We cannot find that page")
    return visit.show("reach_not_safe.html", way=found)


@router.post("/reach/not-safe/{way}")
def mark_not_safe(visit: FamilyVisitor, form: CheckedForm, way: _WayInPath) -> Response:
    """At once; whoever signs in by it is signed out with that."""
    del form
    if not _keeping(visit).not_safe(visit.session, way):
        return visit.show("failure.html", 404, heading="We cannot find that page")
    is_own = visit.session.access.contact.hex() == way
    return leaving(visit.pages, "/") if is_own else to("/reach")


def _ask(visit: FamilyVisit, errors: dict[str, str]) -> Response:
    ways = [one for one in _lines(visit) if one.takes_messages]
    status = 422 if errors else 200
    return visit.show("reach_messages.html", status, ways=ways, times=SafeTime, errors=errors)


def _lines(visit: FamilyVisit) -> list[WayLine]:
    return list(way_lines(_keeping(visit).reached(visit.session).ways))


def _times(form: Submitted) -> list[SafeTime]:
    known = {one.value: one for one in SafeTime}
    return [known[one] for one in form.chosen("time") if one in known]


def _keeping(visit: FamilyVisit) -> FamilyKeeping:
    return FamilyKeeping(visit.services.outside)
