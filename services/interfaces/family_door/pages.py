"""Who can see what; signing out, and turning one's own page off."""

from starlette.responses import Response

from services.interfaces.family_door.agreeing.services import waiting_for
from services.interfaces.family_door.agreeing.words import asked_lines
from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisitor,
    leaving,
    own_router,
)
from services.interfaces.family_door.languages.speaking import Phrase
from services.interfaces.family_door.words import (
    HELD_BACK,
    called,
    change_said,
    sharing_line,
)

router = own_router()


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
        "home.html", people=people, held_back=Phrase(HELD_BACK), asked=asked, lets_see=lets_see
    )


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
