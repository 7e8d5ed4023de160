"""The words of the pages on which somebody answers for a partner: short, as agreed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.interfaces.answering.door.seeing import SeenRequest
from services.interfaces.connections.life import (
    HELPING,
    ConnectionChange,
    ConnectionStatus,
    DeclineReason,
    EndReason,
)
from services.interfaces.connections.reference import spelled
from services.interfaces.connections.telling.said import StepAhead
from services.portal.words.dates import uk_day_in_words

_STATES: Final[Mapping[ConnectionStatus, str]] = {
    ConnectionStatus.ACCEPTED: "you said yes on",
    ConnectionStatus.CONTACTED: "in touch since",
    ConnectionStatus.STARTED: "started on",
}
NEXT_STEPS: Final[Mapping[str, ConnectionChange]] = {
    "contact": ConnectionChange.CONTACT,
    "start": ConnectionChange.START,
}


@dataclass(frozen=True, slots=True)
class AnswerChoice:
    """One of a list to pick from."""

    value: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class AgreedLine:
    """One thing that the family agreed to tell."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class AgreedWords:
    """A request as its page says it."""

    reference: str
    sent: str
    answer_by: str
    seen_until: str
    how: str
    is_accepted: bool
    rows: Sequence[AgreedLine]
    steps: Sequence[AnswerChoice]


ANSWERS: Final = (
    AnswerChoice("yes", "Yes. We will get in touch", "Within 5 working days. You keep this page"),
    AnswerChoice(
        "no",
        "No, we cannot",
        "We ask for a reason from a list. Then you can no longer see the request",
    ),
    AnswerChoice("ring", "Not sure. Ring me", "Whoever asked rings you by the end of tomorrow"),
)
_DECLINE: Final[Mapping[DeclineReason, str]] = {
    DeclineReason.FULL: "We are full",
    DeclineReason.WAITING_LIST: "We have a waiting list",
    DeclineReason.AGE: "Not the right age",
    DeclineReason.AREA: "Not our area",
    DeclineReason.NEED_NOT_OURS: "Not what we do",
    DeclineReason.NEEDS_MORE: "Needs more than we can give",
    DeclineReason.ALREADY_WITH_US: "Already comes to us",
    DeclineReason.LANGUAGE_OR_ACCESS: "Language or access",
    DeclineReason.DUPLICATE: "Asked twice",
    DeclineReason.CLOSING: "We are closing",
    DeclineReason.OTHER: "Something else",
}
_END: Final[Mapping[EndReason, str]] = {
    EndReason.GOALS_MET: "They have what they wanted",
    EndReason.FAMILY_STOPPED: "They did not want it any more",
    EndReason.COULD_NOT_REACH: "We could not reach them",
    EndReason.MOVED: "They moved away",
    EndReason.PASSED_ON: "Another service helps now",
    EndReason.STATUTORY: "The council or the NHS helps now",
    EndReason.OTHER: "Something else",
}


def reasons_to_decline() -> Sequence[AnswerChoice]:
    """The closed list of why not, in a partner's words."""
    return [AnswerChoice(one.value, words) for one, words in _DECLINE.items()]


def reasons_to_end() -> Sequence[AnswerChoice]:
    """The closed list of how it ended, in a partner's words."""
    return [AnswerChoice(one.value, words) for one, words in _END.items()]


_AHEAD: Final[Mapping[StepAhead, str]] = {
    StepAhead.RING_AGAIN: "We ring again",
    StepAhead.FIRST_MEETING: "We meet for the first time",
    StepAhead.NEXT_MEETING: "We meet again",
    StepAhead.PLACE_WAITED_FOR: "They wait for a place",
    StepAhead.OTHER: "Something else",
}


def steps_ahead() -> Sequence[AnswerChoice]:
    """The closed list of what comes next, in a partner's words."""
    return [AnswerChoice(one.value, words) for one, words in _AHEAD.items()]


def words_of(seen: SeenRequest) -> AgreedWords:
    """Write a request: what was agreed and nothing beside it."""
    one = seen.request.connection
    until = one.agreed_until
    return AgreedWords(
        reference=spelled(one.reference),
        sent="" if one.sent_at is None else uk_day_in_words(one.sent_at),
        answer_by="" if one.respond_by is None else uk_day_in_words(one.respond_by),
        seen_until=uk_day_in_words(until),
        how=f"{_STATES.get(one.status, 'open since')} {uk_day_in_words(one.changed_at)}",
        is_accepted=one.status in HELPING,
        rows=list(_rows(seen)),
        steps=_steps(one.status),
    )


def _rows(seen: SeenRequest) -> Sequence[AgreedLine]:
    told = seen.request.told
    reached = ". ".join(part for part in (told.number, told.email, told.reach) if part)
    asked = ", ".join(part for part in (seen.asked_by, seen.asked_number) if part)
    story = [AgreedLine("Their story", f"“{one.text}”") for one in told.story]
    rows = [
        AgreedLine("Name", told.name),
        AgreedLine("How to reach them", reached),
        AgreedLine("Language", told.language),
        AgreedLine("Why", f"“{told.why}”" if told.why else ""),
        *story,
        AgreedLine("Asked by", asked),
    ]
    return [row for row in rows if row.value]


def _steps(status: ConnectionStatus) -> Sequence[AnswerChoice]:
    begun = status is ConnectionStatus.STARTED
    steps = [
        AnswerChoice("contact", "We have spoken", "We tell whoever asked, and the family"),
        AnswerChoice("start", "It has started"),
        AnswerChoice("unreached", "We tried 3 times and could not reach them"),
        AnswerChoice("finish", "It has finished"),
    ]
    return [one for one in steps if not begun or one.value == "finish"]
