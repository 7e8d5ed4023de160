"""The request itself: terms first, then what was agreed, an answer, and what came of it."""

from typing import Final

from starlette.responses import Response

from services.interfaces.answering.door.form_said import DAY, NO_SUCH_DAY, read_beside
from services.interfaces.answering.door.frame import (
    AnsweringVisit,
    AnsweringVisitor,
    CheckedAnswer,
    router_for_answering,
)
from services.interfaces.answering.door.pages_in import REQUEST
from services.interfaces.answering.door.seeing import AnswerGiven
from services.interfaces.answering.door.words import (
    ANSWERS,
    NEXT_STEPS,
    AgreedWords,
    reasons_to_decline,
    reasons_to_end,
    steps_ahead,
    words_of,
)
from services.interfaces.answering.links.model import TERMS_VERSION
from services.interfaces.connections.life import ConnectionChange, DeclineReason, EndReason
from services.interfaces.connections.model import NotChanged
from services.interfaces.family_door.frame import to
from services.portal.frame.forms import FormErrors, Submitted, read_choice

router = router_for_answering()
TERMS, DECLINE, FINISH = "/terms", "/decline", "/finish"
_LINE: Final = 200
NOTHING_TYPED: Final = Submitted()
_ALREADY: Final = "Somebody of your group has answered since. This is how it stands now."


@router.get(TERMS)
def show_terms(visit: AnsweringVisitor) -> Response:
    """Ask who somebody is, the first time, and that they keep what is agreed."""
    return visit.show("terms.html", version=TERMS_VERSION, typed={})


@router.post(TERMS)
def accept_terms(visit: AnsweringVisitor, form: CheckedAnswer) -> Response:
    """Keep that they agree, with the version; with that the request is opened."""
    typed = {name: form.text(name) for name in ("name", "role")}
    asked = {"name": "Enter your name", "role": "Enter what you do in your group"}
    errors = {
        name: words
        for name, words in asked.items()
        if not typed[name] or len(typed[name]) > _LINE or not typed[name].isprintable()
    }
    if form.text("agree") != "yes":
        errors["agree"] = "Tick the box if you agree. If you do not, close this page and ring us"
    if errors:
        told = {"version": TERMS_VERSION, "typed": typed, "errors": errors}
        return visit.show("terms.html", 422, **told)
    visit.services.accept_terms(visit.session, typed["name"], typed["role"])
    return to(REQUEST) if visit.services.open(visit.session) else visit.closed()


@router.get(REQUEST)
def show_request(visit: AnsweringVisitor) -> Response:
    """What was agreed, and nothing else; that it was looked at is entered."""
    return _page(visit)


@router.post(REQUEST)
def answer(visit: AnsweringVisitor, form: CheckedAnswer) -> Response:
    """Yes is said at once; no asks why; unsure has somebody ring."""
    match form.text("answer"):
        case "yes":
            return _done(visit, AnswerGiven(ConnectionChange.ACCEPT))
        case "no":
            return to(DECLINE)
        case "ring":
            return _done(visit, AnswerGiven(ConnectionChange.RING))
        case _:
            return _page(visit, 422, errors={"answer-yes": "Pick an answer"})


@router.get(DECLINE)
def show_decline(visit: AnsweringVisitor) -> Response:
    """Ask why, from a list, before it is said."""
    return _reason_page(visit, "decline.html")


@router.post(DECLINE)
def decline(visit: AnsweringVisitor, form: CheckedAnswer) -> Response:
    """Say no; from then on there is nothing to see."""
    errors, change = FormErrors(), ConnectionChange.DECLINE
    reason = read_choice(form, errors, "reason", DeclineReason, "Pick the nearest reason")
    beside = read_beside(form, errors, change, is_other=reason is DeclineReason.OTHER)
    if errors or reason is None:
        return _reason_page(visit, "decline.html", errors.messages, form)
    other = form.text("other") or None
    given = AnswerGiven(change, decline=reason, other_service=other, beside=beside)
    return _done(visit, given)


@router.post("/next")
def say_next(visit: AnsweringVisitor, form: CheckedAnswer) -> Response:
    """What has happened since: in touch, begun; how it ended is asked on a page of its own."""
    said, errors = form.text("next"), FormErrors()
    if said == "finish":
        return to(FINISH)
    change = ConnectionChange.FINISH if said == "unreached" else NEXT_STEPS.get(said)
    if change is None:
        errors.add("next", "Pick what has happened")
    beside = read_beside(form, errors, change or ConnectionChange.CONTACT)
    if errors or change is None:
        return _page(visit, 422, errors=errors.messages, form=form)
    end = EndReason.COULD_NOT_REACH if said == "unreached" else None
    return _done(visit, AnswerGiven(change, end=end, beside=beside), form)


@router.get(FINISH)
def show_finish(visit: AnsweringVisitor) -> Response:
    """Ask how it ended, from a list, before it is said."""
    return _reason_page(visit, "finish.html")


@router.post(FINISH)
def finish(visit: AnsweringVisitor, form: CheckedAnswer) -> Response:
    """It is finished; from then on there is nothing to see."""
    errors, change = FormErrors(), ConnectionChange.FINISH
    reason = read_choice(form, errors, "reason", EndReason, "Pick how it ended")
    beside = read_beside(form, errors, change, is_other=reason is EndReason.OTHER)
    if errors or reason is None:
        return _reason_page(visit, "finish.html", errors.messages, form)
    return _done(visit, AnswerGiven(change, end=reason, beside=beside), form)


@router.post("/close")
def close(visit: AnsweringVisitor, form: CheckedAnswer) -> Response:
    """End the session."""
    del form
    return visit.closed()


def _done(visit: AnsweringVisit, given: AnswerGiven, form: Submitted = NOTHING_TYPED) -> Response:
    """Say it; where it cannot be said any more the page tells how it stands now."""
    if not visit.services.has_accepted(visit.session):
        return to(TERMS)
    why_not = visit.services.answer(visit.session, given)
    if why_not is NotChanged.NO_SUCH_DAY:
        errors = {f"{DAY}-day": NO_SUCH_DAY}
        if given.end is None or given.end is EndReason.COULD_NOT_REACH:
            return _page(visit, 422, errors=errors, form=form)
        return _reason_page(visit, "finish.html", errors, form)
    if why_not is not None:
        return _page(visit, 409, notice=_ALREADY)
    if given.change in {ConnectionChange.DECLINE, ConnectionChange.FINISH}:
        visit.services.close(visit.session)
        response = visit.pages.page(visit.request, "thanks.html", {"change": given.change.value})
        visit.pages.session.take_back(response)
        return response
    return to(f"{REQUEST}?rung=yes" if given.change is ConnectionChange.RING else REQUEST)


def _page(
    visit: AnsweringVisit,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    notice: str = "",
    form: Submitted = NOTHING_TYPED,
) -> Response:
    if not visit.services.has_accepted(visit.session):
        return to(TERMS)
    words = _words(visit)
    if words is None:
        return visit.closed()
    rung = visit.request.query_params.get("rung") == "yes"
    told: dict[str, object] = {"request": words, "errors": errors or {}, "notice": notice}
    template = "after.html" if words.is_accepted else "request.html"
    told |= {"form": form, "ahead": steps_ahead(), "is_picked": form.text("next")}
    return visit.show(template, status, answers=ANSWERS, rung=rung, **told)


def _reason_page(
    visit: AnsweringVisit,
    template: str,
    errors: dict[str, str] | None = None,
    form: Submitted = NOTHING_TYPED,
) -> Response:
    if not visit.services.has_accepted(visit.session):
        return to(TERMS)
    reference = visit.services.reference(visit.session)
    if reference is None:
        return visit.closed()
    told: dict[str, object] = {"reference": reference, "errors": errors or {}, "form": form}
    told["is_picked"] = form.text("reason")
    if template == "decline.html":
        told |= {"reasons": reasons_to_decline(), "others": visit.services.others(visit.session)}
    else:
        told["reasons"] = reasons_to_end()
    return visit.show(template, 422 if errors else 200, **told)


def _words(visit: AnsweringVisit) -> AgreedWords | None:
    found = visit.services.request(visit.session)
    return None if found is None else words_of(found)
