"""A parked message as it is told of: where it is from and what is wrong; never what it says."""

from dataclasses import dataclass, field
from datetime import datetime

from connectors.ports import Urgency
from schemas.records.message import Version
from schemas.vocabulary import LabelledCode, Source


class ParkedAnswer(LabelledCode):
    """What somebody may say of a parked message."""

    ACCEPT = "accept", "It is about whom its number names"
    ASK = "ask", "The source is asked"
    DISCARD = "discard", "Nothing more is to be done about it"


class ParkedState(LabelledCode):
    """What has become of it; what waits for another hand has its answer beside."""

    WAITING = "waiting", "Waiting"
    ASKED = "asked", "Source asked"
    ACCEPTED = "accepted", "Accepted: it is being read again"
    DISCARDED = "discarded", "Discarded"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to say something."""
        return self in {ParkedState.WAITING, ParkedState.ASKED}


class Because(LabelledCode):
    """Why a message is accepted or discarded: codes, so that nothing of it is told beside it."""

    SOURCE_CONFIRMS = "source-confirms", "The source was rung and says that it is about this child"
    REGISTER_CHECKED = "register-checked", "Number and name were checked on PDS"
    SENT_AGAIN = "sent-again", "The source has sent it again, mended"
    SENT_BY_MISTAKE = "sent-by-mistake", "The source says that it should not have been sent"
    NOT_OURS = "not-ours", "It is about nobody whom this service knows of"
    NOTHING_NEW = "nothing-new", "What it says has come in another message"

    @property
    def answer(self) -> ParkedAnswer:
        """For which answer it is a reason."""
        accepts = self in {Because.SOURCE_CONFIRMS, Because.REGISTER_CHECKED}
        return ParkedAnswer.ACCEPT if accepts else ParkedAnswer.DISCARD


@dataclass(frozen=True, slots=True, repr=False)
class ParkedMessage:
    """Which message, from where, and what was wrong: field and reason, never a value.

    `origin` is the file or mailbox message it came in; `partner` who pushed it. `order` is what
    waits for another hand, with the answer that it is for.
    """

    id: str
    ref: str
    source: Source
    index: int
    message_id: str | None
    field: str
    reason: str
    at: datetime
    event: str | None = None
    sender: str | None = None
    urgency: Urgency | None = None
    origin: str | None = None
    partner: str | None = None
    state: ParkedState = ParkedState.WAITING
    order: str | None = None
    pending: ParkedAnswer | None = None

    @property
    def may_be_accepted(self) -> bool:
        """Whether what is wrong is a date of birth alone: a number says whom it is about.

        A notified birth says nothing else than when somebody was born.
        """
        is_about_birth = (self.field, self.reason) in _ABOUT_BIRTH
        return is_about_birth and self.event != "birth-notification"


_ABOUT_BIRTH = frozenset(
    {
        ("Patient.birthDate", "contradicts:MessageHeader.birthDateTime"),
        ("subject", "contradicts:date-of-birth"),
    }
)


def could_be_read(why: str) -> bool:
    """Whether `field: reason` says that somebody has to say whose it is; otherwise it is unread."""
    field, _, reason = why.partition(": ")
    return field == "subject" or (field, reason) in _ABOUT_BIRTH


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A parked message to be read again: its bytes, when it was parked, in which version it came.

    One that an earlier version of this program parked has no version.
    """

    source: Source
    raw: bytes = field(repr=False)
    parked_at: datetime
    version: Version | None

    @property
    def received_at(self) -> datetime:
        """When it came."""
        if self.version is None:
            return self.parked_at
        return datetime.fromisoformat(self.version.at)
