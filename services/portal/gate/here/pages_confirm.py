"""Who says that it is them: a confirming officer's queue, and a colleague's."""

from fastapi import Depends
from starlette.responses import Response

from services.people.practitioners.permissions import Permission
from services.people.presence.confirming import WaitingRequest
from services.people.presence.model import ANSWERS, ConfirmingAnswer, Way
from services.portal.frame.addresses import COLLEAGUES, OFFICER, RequestInPath
from services.portal.frame.forms import FormErrors, Submitted, read_choice
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.gate.words import colleague_wanted_line
from services.portal.words.cards import choices_of
from services.portal.words.dates import time_of_day

router = guarded_router(Permission.CONFIRMS)
colleague_router = guarded_router(Permission.FAMILY_RECORDS)
_ANSWER = [Depends(FormCheck(FormPurpose.ANSWER_CONFIRMATION))]
_MISSING = "Select whether it is them"


@router.get(OFFICER)
def show_queue(visit: CurrentVisit) -> Response:
    """List who asks an officer, and never about whom."""
    waiting = visit.here.waiting_for(visit.who)
    return visit.show("officer.html", requests=[_line(one) for one in waiting])


@router.get("/officer/{asked}")
def show_request(visit: CurrentVisit, asked: RequestInPath) -> Response:
    """Show the names and the contacts held, for this one confirmation."""
    return _request_page(visit, asked, visit.typed(), FormErrors())


@router.post("/officer/{asked}", dependencies=_ANSWER)
def answer(visit: CurrentVisit, asked: RequestInPath, form: Form) -> Response:
    """Take the answer."""
    errors = FormErrors()
    chosen = read_choice(form, errors, "answer", ConfirmingAnswer, _MISSING)
    if chosen is None:
        return _request_page(visit, asked, form, errors)
    taken = visit.here.answer_request(visit.who, asked, chosen)
    return visit.show("confirmation_answered.html", taken=taken, back=OFFICER)


def _request_page(visit: Visit, asked: str, form: Submitted, errors: FormErrors) -> Response:
    shown = visit.here.show_request(visit.who, asked)
    if shown is None:
        return go_to(OFFICER)
    return visit.show(
        "officer_request.html",
        422 if errors else 200,
        request=_line(WaitingRequest(shown.request, shown.asker)),
        names=shown.names,
        contacts=[one.contact.value for one in shown.contacts],
        whom=shown.request.presence.with_whom.label,
        answers=choices_of(ANSWERS[Way.OFFICER], form.chosen("answer")),
        errors=errors,
        token=visit.token(FormPurpose.ANSWER_CONFIRMATION),
    )


# A colleague sees who is there, and nothing that is held.


@colleague_router.get(COLLEAGUES)
def show_colleagues(visit: CurrentVisit) -> Response:
    """List the colleagues who ask whether one sees who is with them, or stands for an emergency."""
    waiting = visit.here.waiting_for(visit.who)
    return visit.show(
        "colleagues.html",
        requests=[_line(one) for one in waiting],
        answers=[(a.value, a.label) for a in ANSWERS[Way.COLLEAGUE]],
        token=visit.token(FormPurpose.ANSWER_CONFIRMATION),
        emergencies=[colleague_wanted_line(one) for one in visit.gate.colleagues_wanted(visit.who)],
        emergency_token=visit.token(FormPurpose.STAND_FOR_EMERGENCY),
    )


@colleague_router.post(f"{COLLEAGUES}/{{asked}}", dependencies=_ANSWER)
def answer_colleague(visit: CurrentVisit, asked: RequestInPath, form: Form) -> Response:
    """Take the answer."""
    chosen = read_choice(form, FormErrors(), "answer", ConfirmingAnswer, _MISSING)
    if chosen is None:
        return go_to(COLLEAGUES)
    taken = visit.here.answer_request(visit.who, asked, chosen)
    return visit.show("confirmation_answered.html", taken=taken, back=COLLEAGUES)


def _line(waiting: WaitingRequest) -> dict[str, str]:
    """Who asks, since when, and what the two say to each other to mean this one."""
    asker, request = waiting.asker, waiting.request
    return {
        "href": f"{OFFICER}/{request.id}",
        "action": f"{COLLEAGUES}/{request.id}",
        "asker": f"{asker.name}, {asker.job_title}, {asker.agency_name}",
        "reference": request.reference,
        "asked": time_of_day(request.asked_at),
    }
