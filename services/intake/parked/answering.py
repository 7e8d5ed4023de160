"""What somebody says of a parked message: accept it, ask its source, or let it lie.

Accepting one says whom it is about, and with that somebody is shown what they were not: so it takes
two people, as a join does. So does letting one lie that tells of a death, of protection or of
something taken back: the warning on the person's page goes with it. Asking, and letting any other
lie, is one person's: nobody is shown more by it, nor less. A refusal is an answer, not an error.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from consent.ledger import FieldValue, ledger_entry
from consent.ledger.events import LedgerEvent
from consent.ports import Ledger
from schemas.vocabulary import LabelledCode
from services.intake.parked.model import Because, ParkedAnswer, ParkedMessage, ParkedState
from services.intake.parked.postgres import ParkedMessages
from services.people.governance import orders as two_hands
from services.people.governance.orders import NotTheirs, Order, Orders, OrderStatus

_KINDS = {ParkedAnswer.ACCEPT: "accept-parked", ParkedAnswer.DISCARD: "discard-parked"}


class NotAnswered(LabelledCode):
    """Why nothing was done, or shown."""

    NOT_A_DATA_STEWARD = "not-a-data-steward", "Only a data steward may see what could not be read"
    NOT_KNOWN = "not-known", "There is no such message, or none that you may see"
    NOT_IN_DOUBT = (
        "not-in-doubt",
        "Only a message that is in doubt about a date of birth can be accepted",
    )
    NO_REASON = "no-reason", "Say why, with a reason for this answer"
    ANSWERED = "is-answered", "It was accepted: it is being read again"
    SAME_HAND = "same-hand", "You said so first: somebody else has to say so too"
    NO_STEWARD = "no-steward", "One of the two who say so has to be a data steward"


@dataclass(frozen=True, slots=True)
class AnswerParked:
    """Order: this is to become of a parked message, says `by` (as the ledger names them)."""

    parked: str
    answer: ParkedAnswer
    by: str
    because: Because | None = None


@dataclass(frozen=True, slots=True)
class Answering:
    """What answers are given with, in one transaction.

    `is_both_hands` where families are invented; `are_two` says whether two actors are two people.
    """

    messages: ParkedMessages
    orders: Orders
    ledger: Ledger
    at: datetime
    is_both_hands: bool
    are_two: Callable[[str, str], bool]


def answer_parked(command: AnswerParked, *, answering: Answering) -> ParkedMessage | NotAnswered:
    """Do it, or wait for another hand; gives the message as it stands then, or why not.

    (1) It is there, and nothing was said of it for good.
    (2) What is said fits it, and has a reason.
    (3) What one person may say is done; what waits for another hand and is not this is over.
    (4) What takes two is asked for, or is the other hand for what waits. Every attempt is entered.
    """
    message = answering.messages.find(command.parked)
    if message is None:  # (1)
        return _refused(NotAnswered.NOT_KNOWN, None, command, answering)
    why_not = _why_not(message, command)  # (2)
    if why_not is not None:
        return _refused(why_not, message, command, answering)
    if not _takes_two(message, command.answer):  # (3)
        return _done(_nothing_waits(message, command, answering), command, answering)
    return _by_two(message, command, answering)  # (4)


def _why_not(message: ParkedMessage, command: AnswerParked) -> NotAnswered | None:
    if message.state is ParkedState.ACCEPTED:
        return NotAnswered.ANSWERED
    if command.answer is ParkedAnswer.ACCEPT and not message.may_be_accepted:
        return NotAnswered.NOT_IN_DOUBT
    if command.answer is ParkedAnswer.ASK:
        return None
    is_reason = command.because is not None and command.because.answer is command.answer
    return None if is_reason else NotAnswered.NO_REASON


def _takes_two(message: ParkedMessage, answer: ParkedAnswer) -> bool:
    match answer:
        case ParkedAnswer.ACCEPT:
            return True
        case ParkedAnswer.DISCARD:
            return message.urgency is not None
        case ParkedAnswer.ASK:
            return False
        case _:
            assert_never(answer)


def _by_two(
    message: ParkedMessage, command: AnswerParked, answering: Answering
) -> ParkedMessage | NotAnswered:
    first = _waiting_order(message, command.answer, answering)
    if first is None:
        return _asked(_nothing_waits(message, command, answering), command, answering)
    if not answering.are_two(first.asked_by, command.by):
        return _refused(NotAnswered.SAME_HAND, message, command, answering)
    if not (_is_a_steward(first.asked_by) or _is_a_steward(command.by)):
        return _refused(NotAnswered.NO_STEWARD, message, command, answering)
    ports = answering
    answered = two_hands.answer(
        first.id,
        by=command.by,
        confirms=True,
        orders=ports.orders,
        ledger=ports.ledger,
        at=ports.at,
    )
    if isinstance(answered, NotTheirs):
        return _refused(NotAnswered.SAME_HAND, message, command, answering)
    return _done(replace(message, order=None, pending=None), command, answering)


def _asked(message: ParkedMessage, command: AnswerParked, answering: Answering) -> ParkedMessage:
    document = {"parked": message.id, "because": command.because}
    order = two_hands.ask(
        _KINDS[command.answer],
        document,
        by=command.by,
        orders=answering.orders,
        ledger=answering.ledger,
        at=answering.at,
        is_demonstration=answering.is_both_hands,
    )
    if order.status is OrderStatus.CONFIRMED:
        return _done(message, command, answering)
    waiting = replace(message, order=order.id, pending=command.answer)
    answering.messages.set(waiting)
    return waiting


def _waiting_order(
    message: ParkedMessage, answer: ParkedAnswer, answering: Answering
) -> Order | None:
    """What was asked for first, if it is this and has not lapsed."""
    order = None if message.order is None else answering.orders.find(message.order)
    if order is None or message.pending is not answer or order.status is not OrderStatus.ASKED:
        return None
    return order if answering.at < order.lapses_at else None


def _nothing_waits(
    message: ParkedMessage, command: AnswerParked, answering: Answering
) -> ParkedMessage:
    """The message without what waited for another hand: something else has been said."""
    if message.order is not None:
        two_hands.answer(
            message.order,
            by=command.by,
            confirms=False,
            orders=answering.orders,
            ledger=answering.ledger,
            at=answering.at,
        )
    return replace(message, order=None, pending=None)


_DONE = {
    ParkedAnswer.ACCEPT: (ParkedState.ACCEPTED, LedgerEvent.PARKED_ACCEPTED),
    ParkedAnswer.ASK: (ParkedState.ASKED, LedgerEvent.PARKED_SOURCE_ASKED),
    ParkedAnswer.DISCARD: (ParkedState.DISCARDED, LedgerEvent.PARKED_DISCARDED),
}


def _done(message: ParkedMessage, command: AnswerParked, answering: Answering) -> ParkedMessage:
    state, event = _DONE[command.answer]
    done = replace(message, state=state)
    answering.messages.set(done)
    fields: dict[str, FieldValue] = {"message": message.ref}
    if command.because is not None and command.answer is not ParkedAnswer.ASK:
        fields["because"] = command.because
    answering.ledger.append([ledger_entry(event, fields, at=answering.at, actor=command.by)])
    return done


def _is_a_steward(actor: str) -> bool:
    """Whether it is a person who has signed in; a system account may be anybody's."""
    return actor.startswith("practitioner:")


def _refused(
    why: NotAnswered,
    message: ParkedMessage | None,
    command: AnswerParked,
    answering: Answering,
) -> NotAnswered:
    fields: dict[str, FieldValue] = {
        "message": [] if message is None else [message.ref],
        "answer": command.answer,
        "because": why,
    }
    event = LedgerEvent.PARKED_ANSWER_REFUSED
    answering.ledger.append([ledger_entry(event, fields, at=answering.at, actor=command.by)])
    return why
