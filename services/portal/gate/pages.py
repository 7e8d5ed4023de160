"""Emergency, asking to work with a family, answering such a request, closing what was opened."""

from fastapi import Depends
from starlette.responses import Response

from services.people.practitioners.permissions import Permission
from services.people.relationships.emergency import EmergencyRefusal
from services.people.relationships.fourth import ColleagueAsked
from services.people.relationships.model import EmergencyReason, WhyNotAsked
from services.people.relationships.requests import RequestRefusal
from services.portal.frame.addresses import (
    ASK_TO_WORK_WITH,
    COLLEAGUES,
    EMERGENCY,
    HOME,
    PersonInPath,
    RequestInPath,
)
from services.portal.frame.errors import SignInNotFreshError
from services.portal.frame.forms import (
    SEARCHABLE_SCHEMES,
    FormErrors,
    Submitted,
    read_choice,
    read_subject,
)
from services.portal.frame.guard import Form, FormCheck, FreshSignIn, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.gate.services import EmergencyForm
from services.portal.words.cards import choices_of

router = guarded_router(Permission.FAMILY_RECORDS)
_MOST_WORDS = 2000


@router.get(EMERGENCY)
def show_emergency(visit: CurrentVisit) -> Response:
    """Say what it means, and ask what has happened to whom."""
    return _emergency_form(visit, visit.typed(), FormErrors())


@router.post(
    EMERGENCY, dependencies=[Depends(FormCheck(FormPurpose.EMERGENCY)), Depends(FreshSignIn())]
)
def open_emergency(visit: CurrentVisit, form: Form) -> Response:
    """Open it, or answer as anybody is answered to whom nothing is shown."""
    errors = FormErrors()
    subject = read_subject(form, errors, visit.today)
    reason = read_choice(form, errors, "reason", EmergencyReason, "Select what has happened")
    why = read_choice(form, errors, "why", WhyNotAsked, "Select why you cannot ask the family")
    words = _words(form, errors, "Write what you know: another person will read it")
    if subject is None or reason is None or why is None or words is None:
        return _emergency_form(visit, form, errors)
    opened = visit.gate.open_emergency(visit.session, EmergencyForm(subject, reason, why, words))
    match opened:
        case EmergencyRefusal.NOT_FRESH:
            raise SignInNotFreshError(form)
        case EmergencyRefusal.TOO_MANY:
            errors.add("reason", opened.label)
            return _emergency_form(visit, form, errors)
        case EmergencyRefusal():
            return visit.show_nothing()
        case ColleagueAsked(reference=reference):
            return visit.show_alike("emergency_asked.html", reference=reference)
        case _:
            return go_to(visit.addresses(opened.person).overview)


def _emergency_form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "emergency.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        schemes=choices_of(SEARCHABLE_SCHEMES, form.chosen("scheme")),
        reasons=choices_of(EmergencyReason, form.chosen("reason")),
        whys=choices_of(WhyNotAsked, form.chosen("why")),
        token=visit.token(FormPurpose.EMERGENCY),
    )


# What others do about an emergency: a colleague stands for a fourth, a worker has seen that it was.


@router.post(
    f"{COLLEAGUES}/emergency/{{asked}}",
    dependencies=[Depends(FormCheck(FormPurpose.STAND_FOR_EMERGENCY)), Depends(FreshSignIn())],
)
def stand_for_emergency(visit: CurrentVisit, asked: RequestInPath) -> Response:
    """Stand for it, in one's own name; one answer where that is not theirs."""
    taken = visit.gate.stand_for_emergency(visit.session, asked)
    return visit.show("emergency_stood_for.html", taken=taken)


@router.post(
    "/emergencies/{told}/seen",
    dependencies=[Depends(FormCheck(FormPurpose.SEEN_EMERGENCY))],
)
def see_emergency(visit: CurrentVisit, told: RequestInPath) -> Response:
    """Take it off the list."""
    is_theirs = visit.gate.see_emergency(visit.who, told)
    return go_to(HOME) if is_theirs else visit.show_nothing()


# Asking to work with a family. One answer, whoever that is; heard of again only if accepted.


@router.get(ASK_TO_WORK_WITH)
def show_asking(visit: CurrentVisit) -> Response:
    """Show the form."""
    return _asking_form(visit, visit.typed(), FormErrors())


@router.post(ASK_TO_WORK_WITH, dependencies=[Depends(FormCheck(FormPurpose.ASK_TO_WORK_WITH))])
def ask_to_work_with(visit: CurrentVisit, form: Form) -> Response:
    """Write it down and say so."""
    errors = FormErrors()
    subject = read_subject(form, errors, visit.today)
    words = _words(form, errors, "Write why you want to work with them")
    if subject is None or words is None:
        return _asking_form(visit, form, errors)
    visit.gate.ask_to_work_with(visit.who, subject, words)
    return visit.show_alike("asked.html")


def _asking_form(visit: Visit, form: Submitted, errors: FormErrors) -> Response:
    return visit.show(
        "ask_to_work_with.html",
        422 if errors else 200,
        form=form,
        errors=errors,
        schemes=choices_of(SEARCHABLE_SCHEMES, form.chosen("scheme")),
        token=visit.token(FormPurpose.ASK_TO_WORK_WITH),
    )


@router.post(
    "/requests/{wanted}/answer",
    dependencies=[Depends(FormCheck(FormPurpose.ANSWER_REQUEST))],
)
def answer_request(visit: CurrentVisit, wanted: RequestInPath, form: Form) -> Response:
    """Accept or decline, and go back to what else waits."""
    accepts = form.text("answer") == "accept"
    answered = visit.gate.answer_request(visit.who, wanted, accepts=accepts)
    return visit.show_nothing() if isinstance(answered, RequestRefusal) else go_to(HOME)


@router.post(
    "/families/{person}/close", dependencies=[Depends(FormCheck(FormPurpose.CLOSE_FAMILY))]
)
def close(visit: CurrentVisit, person: PersonInPath) -> Response:
    """End at once what was opened for minutes; there may be nothing to end."""
    visit.gate.close_now(visit.who, person)
    return go_to(HOME)


def _words(form: Submitted, errors: FormErrors, missing: str) -> str | None:
    """What somebody wrote, where they did and it is not too long."""
    words = form.text("words")
    if not words:
        errors.add("words", missing)
    elif len(words) > _MOST_WORDS:
        errors.add("words", f"Write no more than {_MOST_WORDS} characters")
    return words if words and not errors.of("words") else None
