"""The pages that ask a family what it decides: who, how, as usual, until when, check, done.

What was answered lies sealed under the person's key for an hour, for the same account in the same
browser: it survives going back, a mistake on a page and a portal that starts anew, and nothing of
it stands in an address. It is taken away by recording it, so that sending it twice records once.
"""

from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from consent.decisions.keeping import Taken
from consent.errors import DecisionInvalidError
from schemas.identifiers import PersonId
from services.people.practitioners.permissions import Permission
from services.portal.decisions.asking.steps import (
    AskStep,
    Usual,
    forms_of,
    next_of,
    open_step,
    with_answers,
    wrong_with,
)
from services.portal.decisions.asking.words import NAMES_DECIDERS, asked_view, with_presets
from services.portal.decisions.form import DecisionContext, read_decision
from services.portal.decisions.pages import DecisionChange, done
from services.portal.decisions.refused import note_refused
from services.portal.decisions.summaries import RecordedDecision
from services.portal.frame.addresses import PersonInPath
from services.portal.frame.forms import FormErrors, Submitted
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.words.frame import FamilyPage
from services.profile.model import ProfileRefused

router = guarded_router(Permission.FAMILY_RECORDS)

QuestionAsked = Annotated[AskStep, Query()]


@router.get("/families/{person}/decide")
def ask_family(
    visit: CurrentVisit, person: PersonInPath, step: QuestionAsked = AskStep.WHO
) -> Response:
    """Show one question, filled in as it was answered before."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    answers = _kept(visit, person)
    shown = open_step(step, answers)
    if shown is not step:
        return go_to(visit.addresses(person).decide(shown))
    return _page(visit, person, step, with_answers(answers, step, _filled(visit, step, answers)))


@router.post(
    "/families/{person}/decide", dependencies=[Depends(FormCheck(FormPurpose.RECORD_DECISION))]
)
def answer_for_family(
    visit: CurrentVisit, person: PersonInPath, form: Form, step: QuestionAsked = AskStep.WHO
) -> Response:
    """Keep the answer and go to the next question; record them all from the last page."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    if step is AskStep.CHECK:
        return _record(visit, person)
    before = _kept(visit, person)
    answers = with_answers(before, step, form)
    errors = wrong_with(step, form, before, visit.today)
    if errors:
        return _page(visit, person, step, answers, errors)
    if answers.text("usual") == Usual.NOT_NOW:
        return go_to(visit.addresses(person).consent)
    following = go_to(visit.addresses(person).decide(next_of(step, answers)))
    _keep(visit, person, answers, following)
    return following


def _record(visit: Visit, person: PersonId) -> Response:
    """Record what was answered, once: whoever sends it again is shown what is on record.

    Where a question was passed over, it is asked first.
    """
    kept = _kept(visit, person)
    unanswered = open_step(AskStep.CHECK, kept)
    if kept.fields and unanswered is not AskStep.CHECK:
        return go_to(visit.addresses(person).decide(unanswered))
    answers = _taken(visit, person)
    if answers is None:
        return go_to(visit.addresses(person).consent)
    errors = FormErrors()
    try:
        recorded = _recorded(visit, person, answers, errors)
    except Exception:
        _keep(visit, person, answers, None)
        raise
    if recorded is None:
        _keep(visit, person, answers, None)
        return _page(visit, person, AskStep.CHECK, answers, errors)
    return done(visit, person, recorded, DecisionChange.RECORDED)


def _recorded(
    visit: Visit, person: PersonId, answers: Submitted, errors: FormErrors
) -> RecordedDecision | Taken | ProfileRefused | None:
    context = DecisionContext((person,), visit.who.id, visit.today)
    forms = [read_decision(one, errors, context) for one in forms_of(answers, visit.today)]
    recorded: RecordedDecision | Taken | ProfileRefused | None = None
    for form in forms:
        if form is None:
            return None
        try:
            recorded = visit.services.record_decision(visit.who, form)
        except DecisionInvalidError as error:
            note_refused(errors, error)
            return None
    return recorded


# What was answered so far, between one page and the next.


def _place(visit: Visit, person: PersonId) -> str:
    return visit.addresses(person).decide()


def _secret(browser: str) -> str:
    """Its own slot beside what is typed when a session ends in the same browser."""
    return f"{browser}/decide"


def _kept(visit: Visit, person: PersonId) -> Submitted:
    browser = visit.portal.browser.read(visit.request)
    if browser is None:
        return Submitted()
    place = _place(visit, person)
    found = visit.services.sessions.typed_so_far(visit.who.id, place, _secret(browser))
    return Submitted(found or {})


def _taken(visit: Visit, person: PersonId) -> Submitted | None:
    browser = visit.portal.browser.read(visit.request)
    if browser is None:
        return None
    place = _place(visit, person)
    found = visit.services.sessions.typed(visit.who.id, place, _secret(browser))
    return None if found is None else Submitted(found)


def _keep(visit: Visit, person: PersonId, answers: Submitted, response: Response | None) -> None:
    browser = visit.portal.browser.read_or_make(visit.request)
    fields = {name: list(found) for name, found in answers.fields.items()}
    place, secret = _place(visit, person), _secret(browser)
    visit.services.sessions.keep_typed(visit.who.id, person, place, fields, secret)
    if response is not None:
        visit.portal.browser.give(response, browser)


# One page.


def _filled(visit: Visit, step: AskStep, answers: Submitted) -> Submitted:
    """What was typed before a session ended, else what was answered, else what is usual."""
    typed = visit.typed()
    return typed if typed.fields else with_presets(step, answers)


def _page(
    visit: Visit,
    person: PersonId,
    step: AskStep,
    answers: Submitted,
    errors: FormErrors | None = None,
) -> Response:
    wrong = errors or FormErrors()
    is_named = step in NAMES_DECIDERS
    listed = visit.services.deciders_to_choose(visit.who, [person]) if is_named else None
    return visit.show_family(
        "decide.html",
        FamilyPage.CONSENT,
        person,
        status=422 if wrong else 200,
        asked=asked_view(step, answers, listed, visit.addresses(person), visit.today),
        form=answers,
        errors=wrong,
        token=visit.token(FormPurpose.RECORD_DECISION),
    )
