"""About whom what could not be read is: gathered of a batch, and forgotten once it could be."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from connectors.ports import AboutWhom, Unreadable
from schemas.records.message import SourceMessage, Subject, Version
from schemas.vocabulary import Action, Source


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
            self.unread.append(UnreadMessage(ref, why.about))

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


def refused(field_: str, reason: str, message: SourceMessage) -> Unreadable:
    """Why a message that was read is nobody's all the same, and whom it names."""
    identifiers = tuple(number for subject in message.subjects for number in subject.identifiers)
    removes = bool(message.records) and not any(
        record.action is Action.UPSERT for record in message.records
    )
    about = AboutWhom(message.kind, identifiers, message.names, message.version, removes)
    return Unreadable(field_, reason, message.message_id, about=about)
