"""Who can see what, who has looked, and a question about it."""

from typing import Annotated

from fastapi import Path, Query
from starlette.responses import Response

from services.interfaces.family_door.agreeing.services import waiting_for
from services.interfaces.family_door.agreeing.words import asked_lines
from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisitor,
    leaving,
    own_router,
    to,
)
from services.interfaces.family_door.words import (
    HELD_BACK,
    called,
    change_said,
    looked_line,
    question_line,
    sharing_line,
)
from services.portal.words.dates import uk_day_in_words

router = own_router()
_OPAQUE = r"^[A-Za-z0-9._~:-]{1,100}$"


@router.get("/home")
def show_home(visit: FamilyVisitor) -> Response:
    """Who can see what: one row a service, of oneself and of each child."""
    found = visit.services.home(visit.session)
    people = [
        {
            "name": called(one, n - 1),
            "rows": [sharing_line(row, is_own_part=one.is_own_part) for row in one.rows],
            "is_own_part": one.is_own_part,
            "changes": change_said(one.reached.change) if one.reached else None,
        }
        for n, one in enumerate(found)
    ]
    asked = asked_lines(visit.services.ask(lambda work: waiting_for(visit.session, work)))
    lets_see = any(one.lets_see for one in found)
    return visit.show(
        "home.html", people=people, held_back=HELD_BACK, asked=asked, lets_see=lets_see
    )


@router.get("/looked")
def show_looked(
    visit: FamilyVisitor, asked: Annotated[str, Query(pattern="^yes$")] = ""
) -> Response:
    """Who has looked, since when that is written down, and what was asked about it."""
    found = visit.services.looked(visit.session)
    people = [
        {
            "name": called(one, n - 1),
            "looks": list(map(looked_line, one.looks)),
            "is_own_part": one.is_own_part,
        }
        for n, one in enumerate(found.people)
    ]
    return visit.show(
        "looked.html",
        people=people,
        since=None if found.since is None else uk_day_in_words(found.since),
        questions=list(map(question_line, found.questions)),
        held_back=HELD_BACK,
        asked=bool(asked),
    )


@router.get("/looked/{look}")
def show_question(visit: FamilyVisitor, look: Annotated[str, Path(pattern=_OPAQUE)]) -> Response:
    """Ask whether they mean it; nothing is looked up."""
    return visit.show("ask.html", look=look)


@router.post("/looked/{look}")
def ask(
    visit: FamilyVisitor, form: CheckedForm, look: Annotated[str, Path(pattern=_OPAQUE)]
) -> Response:
    """Ask governance about one look."""
    del form
    if not visit.services.ask_about(visit.session, look):
        return visit.show("failure.html", 404, heading="We cannot find that page")
    return to("/looked?asked=yes")


@router.post("/sign-out")
def sign_out(visit: FamilyVisitor, form: CheckedForm) -> Response:
    """End this session, or all of theirs."""
    secret = visit.pages.session.read(visit.request)
    everywhere = form.text("where") == "everywhere"
    visit.services.sign_out(secret or "", everywhere=everywhere)
    return leaving(visit.pages, "/")


@router.get("/off")
def show_off(visit: FamilyVisitor) -> Response:
    """Say what turning one's own page off does."""
    return visit.show("off.html")


@router.post("/off")
def turn_off(visit: FamilyVisitor, form: CheckedForm) -> Response:
    """Turn it off, at once."""
    del form
    visit.services.turn_off(visit.session)
    return leaving(visit.pages, "/")
