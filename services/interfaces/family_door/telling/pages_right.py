"""Put something right, and who else can act for your child."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from services.audit.reviews.put_right import MOST_WORDS
from services.interfaces.family_door.agreeing.pages import not_there
from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisit,
    FamilyVisitor,
    own_router,
    to,
)
from services.interfaces.family_door.telling.services import (
    find_fact,
    put_right,
    show_others,
    show_right,
)
from services.interfaces.family_door.telling.words import (
    acting_lines,
    asked_right_lines,
    fact_line,
)
from services.interfaces.family_door.words import called
from services.portal.frame.forms import Submitted

router = own_router()
_FactInPath = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
_TOO_OFTEN = "We could not take this now. Try again later, or ring us."


@router.get("/right")
def show_what_may_be_wrong(visit: FamilyVisitor) -> Response:
    """What their page shows, each with a way to say that it is wrong, and what they asked."""
    page = visit.services.ask(lambda work: show_right(visit.session, work))
    people = list({one.about.person: one.about for one in page.facts}.values())
    facts = [fact_line(one) for one in page.facts]
    return visit.show("right.html", facts=facts, asked=asked_right_lines(page.asked, people))


@router.get("/right/{fact}")
def show_asking(visit: FamilyVisitor, fact: _FactInPath) -> Response:
    """Ask what is wrong with it."""
    return _asking(visit, fact, Submitted(), {})


@router.post("/right/{fact}")
def ask(visit: FamilyVisitor, form: CheckedForm, fact: _FactInPath) -> Response:
    """Send it to who looks into it."""
    words = form.text("words")
    if not words:
        return _asking(visit, fact, form, {"words": "Write what is wrong."})
    if len(words) > MOST_WORDS:
        return _asking(visit, fact, form, {"words": "Write a bit less."})
    if visit.services.ask(lambda work: put_right(visit.session, fact, words, work)):
        return to("/right")
    return _asking(visit, fact, form, {"words": _TOO_OFTEN})


@router.get("/others")
def show_who_can_act(visit: FamilyVisitor) -> Response:
    """Who may act for each child, and how that is known; never where they are."""
    found = visit.services.ask(lambda work: show_others(visit.session, work))
    acting = [
        {"name": called(one.one, n), "who": acting_lines(one), "fact": one.fact}
        for n, one in enumerate(found)
    ]
    return visit.show("others.html", acting=acting)


def _asking(visit: FamilyVisit, fact: str, form: Submitted, errors: dict[str, str]) -> Response:
    found = visit.services.ask(lambda work: find_fact(visit.session, fact, work))
    if found is None:
        return not_there(visit)
    return visit.show(
        "right_one.html",
        422 if errors else 200,
        fact=fact_line(found),
        words=form.text("words"),
        most=MOST_WORDS,
        errors=errors,
    )
