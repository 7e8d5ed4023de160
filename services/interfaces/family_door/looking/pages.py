"""Who has looked: by month and page; and a question about one look."""

from datetime import date
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
from services.interfaces.family_door.languages.speaking import Phrase
from services.interfaces.family_door.looking.services import FamilyLooking
from services.interfaces.family_door.looking.words import looked_parts, month_choices
from services.interfaces.family_door.words import HELD_BACK, question_line
from services.platform.ticks import leaves_out
from services.portal.words.dates import moment_in_words, uk_day_in_words

router = own_router()
_LookInPath = Annotated[str, Path(pattern=r"^[A-Za-z0-9._~:-]{1,100}$")]
_MonthAsked = Annotated[str, Query(pattern=r"^([0-9]{4}-(0[1-9]|1[0-2]))?$")]
_PageAsked = Annotated[int, Query(ge=1, le=1000)]


@router.get("/looked")
def show_looked(
    visit: FamilyVisitor,
    asked: Annotated[str, Query(pattern="^yes$")] = "",
    month: _MonthAsked = "",
    page: _PageAsked = 1,
) -> Response:
    """Who has looked, since when that is written down, and what was asked about it.

    It leaves at a tick: how long it took tells nothing of what was left out.
    """
    leaves_out(visit.request)
    wanted = month_asked(month)
    found = _looking(visit).looked(visit.session, wanted, page)
    return visit.show(
        "looked.html",
        parts=looked_parts(found),
        months=month_choices(found),
        month=month if wanted else "",
        shown=found.shown,
        since=None if found.since is None else uk_day_in_words(found.since),
        questions=list(map(question_line, found.questions)),
        requests=[f"{moment_in_words(one.at)}: {one.who} {one.did}." for one in found.requests],
        held_back=Phrase(HELD_BACK),
        asked=bool(asked),
    )


@router.get("/looked/{look}")
def show_question(visit: FamilyVisitor, look: _LookInPath) -> Response:
    """Ask whether they mean it; nothing is looked up."""
    return visit.show("ask.html", look=look)


@router.post("/looked/{look}")
def ask(visit: FamilyVisitor, form: CheckedForm, look: _LookInPath) -> Response:
    """Ask governance about one look."""
    del form
    leaves_out(visit.request)
    if not _looking(visit).ask_about(visit.session, look):
        return visit.show("failure.html", 404, heading="We cannot find that page")
    return to("/looked?asked=yes")


def month_asked(month: str) -> date | None:
    """The first of a month that was asked for; None for all of them, or one that there is not."""
    try:
        return date.fromisoformat(f"{month}-01") if month else None
    except ValueError:
        return None


def _looking(visit: FamilyVisit) -> FamilyLooking:
    return FamilyLooking(visit.services.outside)
