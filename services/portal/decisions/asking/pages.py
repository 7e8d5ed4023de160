"""The pages that ask a family what it decides: who, how, as usual, until when, check, done.

What was answered lies sealed under the person's key for an hour, for the same account in the same
browser: it survives going back, a mistake on a page and a portal that starts anew, and nothing of
it stands in an address. It is taken away in the transaction that records it (`services.py`), so
that sending it twice records once.
"""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response

from consent.decisions.keeping import Taken
from consent.errors import DecisionInvalidError
from consent.model import Response as Decided
from schemas.identifiers import PersonId
from services.people.practitioners.permissions import Permission
from services.people.practitioners.postgres_drafts import Typed
from services.portal.decisions.asking.services import ON_RECORD, FamilyAnswers, RecordedTogether
from services.portal.decisions.asking.steps import (
    AskStep,
    Usual,
    forms_of,
    key_of,
    next_of,
    open_step,
    with_answers,
    wrong_with,
)
from services.portal.decisions.asking.words import (
    NAMES_DECIDERS,
    asked_view,
    beside_rows,
    with_presets,
)
from services.portal.decisions.form import DecisionContext, read_decision
from services.portal.decisions.orders import DecisionForm
from services.portal.decisions.pages import DecisionChange, done
from services.portal.decisions.refused import note_refused
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
    if step is AskStep.CHECK:
        return _record(visit, person)
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
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

    Where a question was passed over, it is asked first. A no that was answered is taken also from
    whoever works with them no more.
    """
    kept = _kept(visit, person)
    if not kept.fields:
        refused = visit.services.refusal_about(visit.who, [person])
        on_record = visit.addresses(person).consent
        return go_to(on_record) if refused is None else visit.show_refused(person, refused)
    unanswered = open_step(AskStep.CHECK, kept)
    if unanswered is not AskStep.CHECK:
        return go_to(visit.addresses(person).decide(unanswered))
    errors = FormErrors()
    answered = _answered(visit, person, kept, errors)
    if answered is None:
        return _read_again(visit, person, errors)
    together = visit.services.asking.record(visit.who, answered)
    return _became(visit, person, together, errors)


def _answered(
    visit: Visit, person: PersonId, kept: Submitted, errors: FormErrors
) -> FamilyAnswers | None:
    """The decisions that the answers come to, but for those on record; None where none can be.

    What cannot be is noted, and holds up no no: the rest stays to be put right.
    """
    forms = _forms(visit, person, kept, errors)
    browser = visit.portal.browser.read(visit.request)
    if browser is None or (errors and not forms):
        return None
    place, secret = _place(visit, person), _secret(browser)
    return FamilyAnswers(person, place, secret, _as_kept(kept), forms, is_whole=not errors)


def _forms(
    visit: Visit, person: PersonId, kept: Submitted, errors: FormErrors
) -> Mapping[str, DecisionForm]:
    """Those that are not on record, by their keys; every no alone where the yes cannot be read."""
    context = DecisionContext((person,), visit.who.id, visit.today)
    forms: dict[str, DecisionForm] = {}
    for one in forms_of(kept, visit.today):
        wrong = FormErrors()
        form = read_decision(one, wrong, context)
        for name, message in wrong.messages.items():
            errors.add(name, message)
        if form is not None and key_of(one) not in kept.chosen(ON_RECORD):
            forms[key_of(one)] = form
    if not errors:
        return forms
    return {key: form for key, form in forms.items() if form.response is not Decided.GIVEN}


def _became(
    visit: Visit, person: PersonId, together: RecordedTogether | None, errors: FormErrors
) -> Response:
    """Say what became of it: all of it done, sent before, or what of it is not recorded."""
    if together is None:
        left = _kept(visit, person).fields
        addresses = visit.addresses(person)
        return go_to(addresses.decide(AskStep.CHECK) if left else addresses.consent)
    recorded, refused = [*together.recorded.values()], together.refused
    if isinstance(refused, DecisionInvalidError):
        note_refused(errors, refused)
    if errors and not any(isinstance(one, Taken) for one in recorded):
        return _read_again(visit, person, errors)
    if recorded:
        return done(visit, person, recorded[-1], DecisionChange.RECORDED)
    if isinstance(refused, ProfileRefused):
        return visit.show_refused(person, refused)
    return go_to(visit.addresses(person).consent)


def _read_again(visit: Visit, person: PersonId, errors: FormErrors) -> Response:
    """The page that is read aloud, with what of it is not recorded, to who may open the family."""
    refused = visit.services.refusal_about(visit.who, [person])
    if refused is not None:
        return visit.show_refused(person, refused)
    return _page(visit, person, AskStep.CHECK, _kept(visit, person), beside_rows(errors))


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


def _keep(visit: Visit, person: PersonId, answers: Submitted, response: Response) -> None:
    browser = visit.portal.browser.read_or_make(visit.request)
    place, secret = _place(visit, person), _secret(browser)
    visit.services.sessions.keep_typed(visit.who.id, person, place, _as_kept(answers), secret)
    visit.portal.browser.give(response, browser)


def _as_kept(answers: Submitted) -> Typed:
    return {name: list(found) for name, found in answers.fields.items()}


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
