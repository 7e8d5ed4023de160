"""The pages of messages that could not be read: the list, one of them, and what is said of it."""

from typing import Annotated

from fastapi import Depends, Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.intake.parked.answering import NotAnswered
from services.intake.parked.as_sent import UNKNOWN, WhyAsSent
from services.intake.parked.model import Because, ParkedAnswer, ParkedMessage, ParkedState
from services.people.practitioners.permissions import Permission
from services.portal.frame.addresses import PARKED, ParkedAddresses, ParkedInPath
from services.portal.frame.forms import FormErrors, read_choice
from services.portal.frame.guard import Form, FormCheck, guarded_router
from services.portal.frame.session import FormPurpose
from services.portal.frame.visit import CurrentVisit, Visit, go_to
from services.portal.who_is_who.words_parked import (
    AsSentInWords,
    as_sent_in_words,
    parked_in_words,
    parked_page,
    reasons_for,
    why_not_in_words,
)
from services.portal.words.cards import choices_of

router = guarded_router(Permission.WHO_IS_WHO)

_DONE = {
    ParkedState.ACCEPTED: "Two of you have said so. It is read again within seconds.",
    ParkedState.ASKED: "Written down that you ask the source. Nothing is sent: send it the text.",
    ParkedState.DISCARDED: "Discarded. It is kept for its time, and can still be taken up again.",
}
_SAID = "Written down. Another data steward has to say so too."


@router.get(PARKED)
def list_messages(
    visit: CurrentVisit,
    state: ParkedState = ParkedState.WAITING,
    page: Annotated[int, Query(ge=1, le=100_000)] = 1,
) -> Response:
    """List the messages that stand so, urgent ones first; nothing is told of what they say."""
    found = visit.services.unread.parked(visit.who, [state])
    if isinstance(found, NotAnswered):
        raise HTTPException(404)
    return visit.show("parked_messages.html", page=parked_page(found, state, page))


@router.get(PARKED + "/{parked}")
def show_message(
    visit: CurrentVisit,
    parked: ParkedInPath,
    done: ParkedState | None = None,
    refused: NotAnswered | None = None,
) -> Response:
    """Show where it is from, what is wrong, and what can be said; the look is recorded."""
    return _message(visit, parked, FormErrors(), done=done, refused=refused)


@router.post(
    PARKED + "/{parked}/accept", dependencies=[Depends(FormCheck(FormPurpose.ACCEPT_PARKED))]
)
def accept(visit: CurrentVisit, parked: ParkedInPath, form: Form) -> Response:
    """Say that it is about whom its number names, or say so too."""
    return _answered(visit, parked, form, ParkedAnswer.ACCEPT)


@router.post(
    PARKED + "/{parked}/discard", dependencies=[Depends(FormCheck(FormPurpose.DISCARD_PARKED))]
)
def discard(visit: CurrentVisit, parked: ParkedInPath, form: Form) -> Response:
    """Say that nothing more is to be done about it, or say so too."""
    return _answered(visit, parked, form, ParkedAnswer.DISCARD)


@router.post(
    PARKED + "/{parked}/ask-source", dependencies=[Depends(FormCheck(FormPurpose.ASK_ABOUT_PARKED))]
)
def ask_source(visit: CurrentVisit, parked: ParkedInPath) -> Response:
    """Write it down, then show what to send; nothing is sent."""
    return _after(parked, visit.services.unread.answer(visit.who, parked, ParkedAnswer.ASK))


_AS_SENT = "as-sent"


@router.post(
    PARKED + "/{parked}/as-sent", dependencies=[Depends(FormCheck(FormPurpose.SHOW_AS_SENT))]
)
def show_what_was_sent(visit: CurrentVisit, parked: ParkedInPath, form: Form) -> Response:
    """Show what the source sent in the fields that the fault names; it stands in no address."""
    errors = FormErrors()
    because = read_choice(form, errors, _AS_SENT, WhyAsSent, "Select why")
    if because is None:
        return _message(visit, parked, errors)
    found = visit.services.unread.as_sent(visit.who, parked, because)
    if found in UNKNOWN:
        raise HTTPException(404)
    return _message(visit, parked, errors, as_sent=as_sent_in_words(found))


def _answered(visit: Visit, parked: str, form: Form, answer: ParkedAnswer) -> Response:
    errors = FormErrors()
    because = read_choice(form, errors, answer, Because, "Select why")
    if because is None:
        return _message(visit, parked, errors)
    return _after(parked, visit.services.unread.answer(visit.who, parked, answer, because))


def _after(parked: str, answered: ParkedMessage | NotAnswered) -> Response:
    """Go on to the message, once that was done or to say why it was not."""
    addresses = ParkedAddresses(parked)
    if answered is NotAnswered.NOT_KNOWN or answered is NotAnswered.NOT_A_DATA_STEWARD:
        raise HTTPException(404)
    if isinstance(answered, NotAnswered):
        return go_to(addresses.after_refusal(answered))
    return go_to(addresses.after(answered.state))


def _message(
    visit: Visit,
    parked: str,
    errors: FormErrors,
    *,
    done: ParkedState | None = None,
    refused: NotAnswered | None = None,
    as_sent: AsSentInWords | None = None,
) -> Response:
    shown = visit.services.unread.show(visit.who, parked)
    if isinstance(shown, NotAnswered):
        raise HTTPException(404)
    return visit.show(
        "parked_message.html",
        422 if errors else 200,
        message=parked_in_words(shown),
        addresses=ParkedAddresses(parked),
        errors=errors,
        notice=_notice(shown.message, done, refused),
        is_refused=refused is not None,
        as_sent=as_sent,
        as_sent_reasons=choices_of(WhyAsSent, ()),
        as_sent_token=visit.token(FormPurpose.SHOW_AS_SENT),
        accept_reasons=choices_of(reasons_for(ParkedAnswer.ACCEPT), ()),
        discard_reasons=choices_of(reasons_for(ParkedAnswer.DISCARD), ()),
        accept_token=visit.token(FormPurpose.ACCEPT_PARKED),
        discard_token=visit.token(FormPurpose.DISCARD_PARKED),
        ask_token=visit.token(FormPurpose.ASK_ABOUT_PARKED),
    )


def _notice(
    message: ParkedMessage, done: ParkedState | None, refused: NotAnswered | None
) -> str | None:
    """What to tell above it, if anything; whoever made up an address is told nothing."""
    if refused is not None:
        return why_not_in_words(refused)
    if done is not message.state:
        return None
    return _SAID if message.pending is not None else _DONE.get(message.state)
