"""About whom what could not be read is: gathered of a batch, and forgotten once it could be."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from connectors.parsing.plain_text import can_be_encoded
from connectors.ports import AboutWhom, Unreadable, Urgency
from schemas.records.message import SourceMessage, Subject, Version
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Action, Label, Source

STATES_A_DEATH = "states-a-death"
"""Why a steward has to look at a message whose dates of birth contradict each other."""


@dataclass(frozen=True, slots=True)
class UnreadMessage:
    """A message that was parked, and what can be told of it."""

    ref: str
    about: AboutWhom


@dataclass(frozen=True, slots=True, repr=False)
class ReadAgain:
    """What a message that could be read is called, in which version, and about whom it is."""

    names: tuple[str, ...]
    version: Version
    subjects: tuple[Subject, ...]


class UnreadMessages(Protocol):
    """About whom parked messages are, so that nobody is told that nothing was sent."""

    def keep(self, unread: Sequence[UnreadMessage], source: Source, *, at: datetime) -> None:
        """Remember about whom these are, where they name anybody by a number that is verified."""

    def answer(self, read: Sequence[ReadAgain], source: Source, *, at: datetime) -> None:
        """Tell it of nobody any more where it was said again, under the same name of the same.

        What is newer than what could be read MUST stay.
        """


@dataclass(slots=True)
class UnreadTold:
    """What of a batch could not be read, and what could be that perhaps could not before."""

    unread: list[UnreadMessage] = field(default_factory=list)
    read: list[ReadAgain] = field(default_factory=list)

    def gather_parked(self, ref: str, why: Unreadable) -> None:
        """Take in why a message is parked."""
        if why.about is not None:
            self.unread.append(UnreadMessage(ref, _of_text(why.about)))

    def gather_read(self, message: SourceMessage) -> None:
        """Take in a message that was read, whatever is shared of it."""
        self.read.append(ReadAgain(message.names, message.version, message.subjects))

    def write(
        self, messages: UnreadMessages, source: Source, *, is_some_unread: bool, at: datetime
    ) -> None:
        """Write what was gathered, once the parked messages themselves are."""
        if is_some_unread:
            messages.answer(self.read, source, at=at)
        messages.keep(self.unread, source, at=at)


def _of_text(about: AboutWhom) -> AboutWhom:
    """Without numbers and names that cannot be encoded: nobody is known by them, or says them."""
    return replace(
        about,
        identifiers=tuple(number for number in about.identifiers if can_be_encoded(number.value)),
        names=tuple(name for name in about.names if can_be_encoded(name)),
    )


def refused(field_: str, reason: str, message: SourceMessage) -> Unreadable:
    """Why a message that was read is nobody's all the same, and whom it names."""
    identifiers = tuple(number for subject in message.subjects for number in subject.identifiers)
    removes = bool(message.records) and not any(
        record.action is Action.UPSERT for record in message.records
    )
    about = AboutWhom(message.kind, identifiers, message.names, message.version, removes)
    return Unreadable(field_, reason, message.message_id, about=about)


def unsettled(message: SourceMessage, field: str, reason: str) -> Unreadable:
    """The message as one that waits, by its own id and sender."""
    why = refused(field, reason, message)
    return replace(why, sender=message.sender, urgency=_urgency_of(message))


def _urgency_of(message: SourceMessage) -> Urgency | None:
    """What it tells, the gravest first; of a doubtful one its details are not among the records."""
    payloads = [record.payload for record in message.records]
    is_of_death = message.doubt is not None and STATES_A_DEATH in message.doubt.against
    if is_of_death or any(isinstance(p, PersonDetails) and p.died for p in payloads):
        return Urgency.DEATH
    if any(Label.PROTECTED_LOCATION in record.labels for record in message.records):
        return Urgency.RESTRICTION
    states = any(record.action is Action.UPSERT for record in message.records)
    removes = any(record.action is Action.REMOVE for record in message.records)
    clears = any(record.action is Action.CLEAR for record in message.records)
    takes_back = message.removes_subject or removes or (clears and not states)
    return Urgency.REMOVAL if takes_back else None
