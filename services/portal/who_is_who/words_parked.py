"""Parked messages in words: the list, and one of them with what can be said of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.as_sent import SentValue
from services.intake.parked.answering import NotAnswered
from services.intake.parked.as_sent import NothingAsSent, ShownAsSent
from services.intake.parked.model import Because, ParkedAnswer, ParkedMessage, ParkedState
from services.intake.parked.remedies import ParkedRemedy, question_to_source, remedy_for
from services.intake.parked.showing import Contradiction, DateOnRecord, ShownParked
from services.portal.frame.addresses import PARKED, ParkedAddresses
from services.portal.words.cards import Tag
from services.portal.words.dates import day_in_words, moment_in_words
from services.portal.words.frame import SubPage
from services.portal.words.people import record_reference

PAGE_LENGTH = 25
_NOT_SAID = "Not said"
_EMPTY = {
    ParkedState.WAITING: "Nothing waits for somebody to look.",
    ParkedState.ASKED: "No source is being asked about a message.",
    ParkedState.ACCEPTED: "Nothing that was accepted waits to be read again.",
    ParkedState.DISCARDED: "Nothing has been discarded.",
}
# As connectors.health_visiting.persons.doubts names them; what has no words here is told as it is.
_AGAINST = {
    "tells-who-they-are": "It tells who somebody is, and not what was found.",
    "number-stated-once": "Only one of the two places in it gives the number.",
    "placeholder-name": "The name in it stands for one that is not given yet.",
    "other-name": "The two names in it differ.",
    "multiple-birth": "It says that the child is one of several born together.",
    "states-a-death": "It states a death.",
    "date-incomplete": "One of the dates is not a whole one.",
}


@dataclass(frozen=True, slots=True)
class ParkedLine:
    """One message in the list: what it is, where from, what is wrong and what to do."""

    reference: str
    href: str
    urgent: Tag | None
    facts: tuple[tuple[str, str], ...]
    wrong: str
    todo: str


@dataclass(frozen=True, slots=True)
class ParkedPage:
    """One page of the messages in one state; the links before and after are None at the ends."""

    states: tuple[SubPage, ...]
    title: str
    lines: tuple[ParkedLine, ...]
    found: str
    empty: str
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True, repr=False)
class ParkedInWords:
    """One message, what contradicts itself in it, and what can be said of it."""

    line: ParkedLine
    state: str
    dates: tuple[tuple[str, str], ...]
    against: tuple[str, ...]
    is_shown: bool
    answers: tuple[ParkedAnswer, ...]
    waits: str | None
    question: str
    takes_two: bool


def parked_page(found: Sequence[ParkedMessage], state: ParkedState, number: int) -> ParkedPage:
    """Make one page of these messages, counted from 1; beyond the last one there are no lines."""
    first = (number - 1) * PAGE_LENGTH
    shown = found[first : first + PAGE_LENGTH]
    return ParkedPage(
        states=tuple(SubPage(s.label, _address(s), s is state) for s in ParkedState),
        title=state.label,
        lines=tuple(_line(message) for message in shown),
        found=f"{len(found)} {'message' if len(found) == 1 else 'messages'}",
        empty=_EMPTY[state],
        previous=_address(state, number - 1) if number > 1 else None,
        next=_address(state, number + 1) if first + PAGE_LENGTH < len(found) else None,
    )


def parked_in_words(shown: ShownParked) -> ParkedInWords:
    """Write one message for the steward who looks at it."""
    message, found = shown.message, shown.contradiction
    return ParkedInWords(
        line=_line(message),
        state=message.state.label,
        dates=() if found is None else _dates(found),
        against=() if found is None else tuple(_AGAINST.get(c, c) for c in found.against),
        is_shown=found is not None,
        answers=_answers(message),
        waits=_waits(message),
        question=question_to_source(
            event=message.event,
            message_id=message.message_id,
            origin=message.origin,
            field=message.field,
            reason=message.reason,
        ),
        takes_two=message.urgency is not None,
    )


@dataclass(frozen=True, slots=True, repr=False)
class AsSentInWords:
    """What was sent where the fault is, field by field, or why nothing of it is shown."""

    values: tuple[tuple[str, str], ...]
    why_not: str | None


def as_sent_in_words(found: ShownAsSent | NothingAsSent) -> AsSentInWords:
    """Write what was sent as it was; what is empty, cut or not shown says so."""
    if isinstance(found, NothingAsSent):
        return AsSentInWords((), f"{found.label}.")
    return AsSentInWords(tuple((sent.field, _text(sent)) for sent in found.values), None)


def _text(sent: SentValue) -> str:
    if sent.value is None:
        return "Not shown: it tells where somebody is, or how to reach them"
    if not sent.value.strip():
        return "Empty"
    return f"{sent.value}… (it goes on)" if sent.is_cut else sent.value


def reasons_for(answer: ParkedAnswer) -> tuple[Because, ...]:
    """The reasons that somebody may give for this answer."""
    return tuple(because for because in Because if because.answer is answer)


def why_not_in_words(refused: NotAnswered) -> str:
    """Write why nothing was done, for the notice above the message."""
    return f"Nothing was changed. {refused.label}."


def _line(message: ParkedMessage) -> ParkedLine:
    remedy: ParkedRemedy = remedy_for(message.field, message.reason)
    urgency = message.urgency
    sender = message.sender or message.partner
    told = (
        ("Source", message.source.label),
        ("Event", message.event or _NOT_SAID),
        ("Sender", sender or _NOT_SAID),
        ("File or mailbox message", message.origin or _NOT_SAID),
        ("Message id", message.message_id or _NOT_SAID),
        ("Received", moment_in_words(message.at)),
        ("Field", message.field),
        ("Reason", message.reason),
    )
    return ParkedLine(
        reference=record_reference(message.id),
        href=ParkedAddresses(message.id).message,
        urgent=None if urgency is None else Tag(f"Urgent: it may tell {urgency.label}", "red"),
        facts=told,
        wrong=remedy.wrong,
        todo=remedy.todo,
    )


def _dates(found: Contradiction) -> tuple[tuple[str, str], ...]:
    routed = " or ".join(day_in_words(day) for day in found.routed)
    own = day_in_words(found.own) if found.own else _NOT_SAID
    told = [("Date of birth in the message", own)]
    if routed:
        told.append(("Date of birth by which it was sent", routed))
    return (*told, ("What is on record agrees with", _agrees(found)))


def _agrees(found: Contradiction) -> str:
    """With which of the dates what is on record agrees; the date itself is not told."""
    if found.on_record is DateOnRecord.OWN:
        return "The date in the message"
    if found.on_record is DateOnRecord.NEITHER and not found.routed:
        return "Not with it"
    return found.on_record.label


def _answers(message: ParkedMessage) -> tuple[ParkedAnswer, ...]:
    if message.state is ParkedState.ACCEPTED:
        return ()
    closed = {ParkedAnswer.DISCARD} if message.state is ParkedState.DISCARDED else set()
    asked = {ParkedAnswer.ASK} if message.state is ParkedState.ASKED else set()
    never = set() if message.may_be_accepted else {ParkedAnswer.ACCEPT}
    return tuple(answer for answer in ParkedAnswer if answer not in closed | asked | never)


def _waits(message: ParkedMessage) -> str | None:
    match message.pending:
        case ParkedAnswer.ACCEPT:
            what = "that it is about whom its number names"
        case ParkedAnswer.DISCARD:
            what = "that nothing more is to be done about it"
        case _:
            return None
    return f"One data steward has said {what}. Another one has to say so too."


def _address(state: ParkedState, number: int = 1) -> str:
    chosen = [] if state is ParkedState.WAITING else [f"state={state.value}"]
    paged = [f"page={number}"] if number > 1 else []
    query = "&".join((*chosen, *paged))
    return f"{PARKED}?{query}" if query else PARKED
