"""Change your mind: what somebody said yes to, one thing a page, in force at once."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from schemas.identifiers import DecisionId, reference_of
from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisit,
    FamilyVisitor,
    own_router,
    to,
)
from services.interfaces.family_door.words import ChoiceLine, choice_lines
from services.portal.words.dates import time_of_day

router = own_router()
_DecisionInPath = Annotated[DecisionId, Path(pattern=r"^[A-Za-z0-9._~:-]{1,100}$")]
_NOT_THERE = "We cannot find that page"


@router.get("/choices")
def show_choices(visit: FamilyVisitor) -> Response:
    """What they said yes to themselves."""
    return visit.show("choices.html", choices=choice_lines(visit.services.choices(visit.session)))


@router.get("/choices/{decision}")
def show_choice(visit: FamilyVisitor, decision: _DecisionInPath) -> Response:
    """One of them, and what follows from a no."""
    found = _choice(visit, decision)
    if found is None:
        return visit.show("failure.html", 404, heading=_NOT_THERE)
    return visit.show("change.html", choice=found)


@router.post("/choices/{decision}")
def choose(visit: FamilyVisitor, form: CheckedForm, decision: _DecisionInPath) -> Response:
    """A no asks for a new code; a yes leaves it as it is."""
    match form.text("say"):
        case "no":
            visit.services.ask_to_decide(visit.session)
            return to(f"/choices/{decision}/code")
        case "yes":
            return to("/choices")
        case _:
            found = _choice(visit, decision)
            if found is None:
                return visit.show("failure.html", 404, heading=_NOT_THERE)
            errors = {"say": "Pick yes or no."}
            return visit.show("change.html", 422, choice=found, errors=errors)


@router.get("/choices/{decision}/code")
def show_code(visit: FamilyVisitor, decision: _DecisionInPath) -> Response:
    """Ask for the code that only they get."""
    return visit.show("change_code.html", decision=decision)


@router.post("/choices/{decision}/code")
def take_back(visit: FamilyVisitor, form: CheckedForm, decision: _DecisionInPath) -> Response:
    """Take it back, by the code."""
    done = visit.services.take_back(visit.session, decision, form.text("code"))
    if done is None:
        errors = {"code": "That did not work. Look at the 6 numbers."}
        return visit.show("change_code.html", 422, decision=decision, errors=errors)
    at = time_of_day(visit.services.now())
    return visit.show("changed.html", number=reference_of(done), at=at)


def _choice(visit: FamilyVisit, decision: DecisionId) -> ChoiceLine | None:
    lines = choice_lines(visit.services.choices(visit.session))
    return next((one for one in lines if one.decision == decision), None)
