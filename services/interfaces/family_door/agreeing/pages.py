"""Say yes to something new: what is asked, one thing a page, its consequence, a code, done."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response as Answer

from consent.model import Response
from schemas.identifiers import DecisionId, reference_of
from services.interfaces.family_door.agreeing.services import SaidOnPage, answer_asked, show_asked
from services.interfaces.family_door.agreeing.words import AskedLine, asked_lines
from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisit,
    FamilyVisitor,
    own_router,
    to,
)
from services.portal.words.dates import time_of_day

router = own_router()
_DecisionInPath = Annotated[DecisionId, Path(pattern=r"^[A-Za-z0-9._~:-]{1,100}$")]
_SAYS = {"yes": Response.GIVEN, "no": Response.REFUSED}
_WRONG_CODE = "That did not work. Look at the 6 numbers."


@router.get("/asked")
def show_what_is_asked(visit: FamilyVisitor) -> Answer:
    """All that waits for their answer."""
    return visit.show("asked.html", asked=_lines(visit))


@router.get("/asked/{decision}")
def show_one_asked(visit: FamilyVisitor, decision: _DecisionInPath) -> Answer:
    """One of them: what they would see, and what follows."""
    found = _line(visit, decision)
    return not_there(visit) if found is None else visit.show("asked_one.html", asked=found)


@router.post("/asked/{decision}")
def choose(visit: FamilyVisitor, form: CheckedForm, decision: _DecisionInPath) -> Answer:
    """A yes or a no asks for a new code; what is left is left."""
    said = form.text("say")
    if said == "later":
        return to("/home")
    if said in _SAYS:
        visit.services.ask_to_decide(visit.session)
        return visit.show("asked_code.html", decision=decision, say=said)
    found = _line(visit, decision)
    if found is None:
        return not_there(visit)
    return visit.show("asked_one.html", 422, asked=found, errors={"say": "Pick one."})


@router.post("/asked/{decision}/code")
def answer(visit: FamilyVisitor, form: CheckedForm, decision: _DecisionInPath) -> Answer:
    """Say it, by the code."""
    response = _SAYS.get(form.text("say"))
    if response is None:
        return to(f"/asked/{decision}")
    code, session = form.text("code"), visit.session
    done = visit.services.ask(lambda work: answer_asked(session, decision, response, code, work))
    if done is not None:
        return show_said(visit, done)
    errors = {"code": _WRONG_CODE}
    return visit.show(
        "asked_code.html", 422, decision=decision, say=form.text("say"), errors=errors
    )


def show_said(visit: FamilyVisit, done: SaidOnPage) -> Answer:
    """Say what was written down, and its number."""
    return visit.show(
        "said.html",
        is_yes=done.decision.response is Response.GIVEN,
        is_waiting=done.is_waiting,
        number=reference_of(done.decision.id),
        at=time_of_day(visit.services.now()),
    )


def not_there(visit: FamilyVisit) -> Answer:
    """One page for what is not theirs and what is not there."""
    return visit.show("failure.html", 404, heading="We cannot find that page")


def _lines(visit: FamilyVisit) -> list[AskedLine]:
    return list(asked_lines(visit.services.ask(lambda work: show_asked(visit.session, work))))


def _line(visit: FamilyVisit, decision: DecisionId) -> AskedLine | None:
    return next((one for one in _lines(visit) if one.decision == decision), None)
