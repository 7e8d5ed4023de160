"""Say yes or no of one's own accord: one question a page, in the order in which they are asked.

What was answered goes along in the form, and nothing of it is in an address. Whoever comes back to
a question answers it again; only the last page, with a new code, records anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from starlette.responses import Response as Answer

from consent.model import Response
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Source
from services.decisions.saying_on_own_page import MAY_BE_SAID, NewWord
from services.interfaces.family_door.agreeing.pages import not_there, show_said
from services.interfaces.family_door.agreeing.services import (
    MaySpeakFor,
    may_speak_for,
    say_new,
)
from services.interfaces.family_door.frame import (
    CheckedForm,
    FamilyVisit,
    FamilyVisitor,
    own_router,
)
from services.interfaces.family_door.words import SERVICES, called, listed, parts_in_words
from services.portal.frame.forms import Submitted

router = own_router()


class NewStep(StrEnum):
    """A question, in the order in which they are asked."""

    ABOUT = "about"
    SAY = "say"
    WHO = "who"
    WHAT = "what"
    LASTS = "lasts"


@dataclass(frozen=True, slots=True)
class NewQuestion:
    """A question as a page asks it; `is_many` where more than one answer may be ticked."""

    step: NewStep
    heading: str
    hint: str
    items: Sequence[tuple[str, str]]
    error: str
    is_many: bool = False


_LASTS = {"6": "For 6 months", "12": "For 1 year", "no-end": "Until I say no"}
_MONTHS = {"6": timedelta(days=182), "12": timedelta(days=365)}


@router.get("/new")
def begin(visit: FamilyVisitor) -> Answer:
    """The first question."""
    return _next(visit, Submitted())


@router.post("/new")
def go_on(visit: FamilyVisitor, form: CheckedForm) -> Answer:
    """The next question that was not answered; after the last what follows, and a code."""
    return _next(visit, form)


@router.post("/new/code")
def record(visit: FamilyVisitor, form: CheckedForm) -> Answer:
    """Say it, by the code."""
    people = _people(visit)
    answers = _answers(form, people)
    word = _word(answers, people, visit.services.now())
    if word is None:
        return _next(visit, form)
    session, code = visit.session, form.text("code")
    done = visit.services.ask(lambda work: say_new(session, word, code, work))
    if done is not None:
        return show_said(visit, done)
    errors = {"code": "That did not work. Look at the 6 numbers."}
    return visit.show("new_code.html", 422, carried=_carried(answers), errors=errors)


def _next(visit: FamilyVisit, form: Submitted) -> Answer:
    people = _people(visit)
    if not people:
        return not_there(visit)
    answers = _answers(form, people)
    missing = next((s for s in NewStep if s not in answers and _is_asked(s, answers)), None)
    if missing is not None:
        errors = {}
        question = _question(missing, answers, people)
        if form.text("asked") == missing:
            errors = {missing.value: question.error}
        return visit.show(
            "new.html",
            422 if errors else 200,
            question=question,
            carried=_carried(answers),
            errors=errors,
        )
    if form.text("asked") != "check":
        return visit.show(
            "new_check.html", carried=_carried(answers), check=_check(answers, people)
        )
    visit.services.ask_to_decide(visit.session)
    return visit.show("new_code.html", carried=_carried(answers))


def _people(visit: FamilyVisit) -> Sequence[MaySpeakFor]:
    return visit.services.ask(lambda work: may_speak_for(visit.session, work))


def _is_asked(step: NewStep, answers: Mapping[NewStep, Sequence[str]]) -> bool:
    """How long is asked of a yes alone: a no lasts until they say otherwise."""
    return step is not NewStep.LASTS or answers.get(NewStep.SAY) == ["yes"]


def _answers(form: Submitted, people: Sequence[MaySpeakFor]) -> Mapping[NewStep, Sequence[str]]:
    """What was answered so far, as far as it is an answer."""
    found: dict[NewStep, Sequence[str]] = {}
    for step in NewStep:
        question = _question(step, found, people)
        known = [value for value, _ in question.items]
        said = [one for one in known if one in form.chosen(step.value)]
        if said and (question.is_many or len(said) == 1):
            found[step] = said
    return found


def _question(
    step: NewStep, answers: Mapping[NewStep, Sequence[str]], people: Sequence[MaySpeakFor]
) -> NewQuestion:
    about = _about(answers, people)
    match step:
        case NewStep.ABOUT:
            items: list[tuple[str, str]] = [
                (one.one.person, called(one.one, n - 1)) for n, one in enumerate(people)
            ]
            return NewQuestion(step, "Who is this about?", "", items, "Pick one person.")
        case NewStep.SAY:
            no_only = about is not None and about.says_no_only
            hint = "To say yes, talk to one of us first." if no_only else ""
            yes = [] if no_only else [("yes", "Yes, they can see it")]
            items = [*yes, ("no", "No, they cannot see it")]
            return NewQuestion(step, "What do you want to say?", hint, items, "Pick yes or no.")
        case NewStep.WHO:
            items = [(one.value, SERVICES[one]) for one in Source]
            heading, hint = "Who is it for?", "You can pick more than one."
            return NewQuestion(step, heading, hint, items, "Pick who it is for.", is_many=True)
        case NewStep.WHAT:
            items = [(one.value, _capital(parts_in_words([one]))) for one in MAY_BE_SAID]
            heading, hint = "Which parts?", "You can pick more than one."
            return NewQuestion(step, heading, hint, items, "Pick one part or more.", is_many=True)
        case NewStep.LASTS:
            items = list(_LASTS.items())
            hint = "You can say no at any time."
            return NewQuestion(step, "For how long?", hint, items, "Pick how long.")


def _about(
    answers: Mapping[NewStep, Sequence[str]], people: Sequence[MaySpeakFor]
) -> MaySpeakFor | None:
    wanted = answers.get(NewStep.ABOUT, ())
    return next((one for one in people if one.one.person in wanted), None)


def _carried(answers: Mapping[NewStep, Sequence[str]]) -> list[tuple[str, str]]:
    return [(step.value, value) for step, values in answers.items() for value in values]


def _check(
    answers: Mapping[NewStep, Sequence[str]], people: Sequence[MaySpeakFor]
) -> Mapping[str, object]:
    names: Mapping[str, str] = {
        one.one.person: called(one.one, n - 1) for n, one in enumerate(people)
    }
    return {
        "is_yes": answers[NewStep.SAY] == ["yes"],
        "about": listed([names[one] for one in answers[NewStep.ABOUT]]),
        "who": [SERVICES[Source(one)] for one in answers[NewStep.WHO]],
        "what": [parts_in_words([Category(one)]) for one in answers[NewStep.WHAT]],
        "lasts": listed([_LASTS[one].lower() for one in answers.get(NewStep.LASTS, ())]),
    }


def _word(
    answers: Mapping[NewStep, Sequence[str]], people: Sequence[MaySpeakFor], now: datetime
) -> NewWord | None:
    """What was answered as an order; None while something is missing."""
    if any(step not in answers and _is_asked(step, answers) for step in NewStep):
        return None
    about = _about(answers, people)
    months = _MONTHS.get(next(iter(answers.get(NewStep.LASTS, ())), ""))
    return (
        None
        if about is None
        else NewWord(
            PersonId(about.one.person),
            Response.GIVEN if answers[NewStep.SAY] == ["yes"] else Response.REFUSED,
            frozenset(Category(one) for one in answers[NewStep.WHAT]),
            frozenset(Source(one) for one in answers[NewStep.WHO]),
            None if months is None else now + months,
        )
    )


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
