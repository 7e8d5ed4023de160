"""What a connector reads from: every source system is read through this one shape."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from schemas.identifiers import Identifier
from schemas.records.kinds import MessageKind
from schemas.records.message import SourceMessage, Version
from schemas.vocabulary import LabelledCode


class Urgency(LabelledCode):
    """What a message that could not be read tells or takes back, as far as its envelope says so.

    Whoever works with the family has to be warned of it before anybody has mended the message.
    """

    DEATH = "death", "a death"
    RESTRICTION = "restriction", "that somebody is protected"
    SAFETY = "safety", "a safety alert"
    REMOVAL = "removal", "that something is taken back"


@dataclass(frozen=True, slots=True, repr=False)
class AboutWhom:
    """What can be told of a message that cannot be read: its kind, and whom it names by number.

    `names` is what its sender calls it, and what it is about: a message that can be read, of one of
    these names and this version or a later one, stands in its place. `removes` where it takes
    something back. Nothing of what it says is in here.
    """

    kind: MessageKind
    identifiers: tuple[Identifier, ...] = ()
    names: tuple[str, ...] = ()
    version: Version | None = None
    removes: bool = False


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why one message could not be read: the field and the reason, never a value.

    `field` is a path in the source's own terms (`Patient.birthDate`, `Pupil/DOB`,
    `child_details.date_of_birth`); `reason` is a code such as `missing`, `not-a-date`,
    `contradicts:MessageHeader.birthDateTime`, `too-large`, `not-xml`, `doctype-forbidden`.
    `scopes` and `version` are those of all that is in it, as far as that could be read: when its
    source takes such a scope back, what is kept of the message goes too. `about` is whom it names,
    where anybody; `sender` whom its envelope names as who sent it; `urgency` is set where it cannot
    wait, as far as that can be told. `statement_of` is whose statement it is where its source gives
    it no date (`Undated`). `is_part`: the rest of the message is one that can be read, or other
    parts like this.
    """

    field: str
    reason: str
    message_id: str | None = None
    scopes: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    version: Version | None = dataclasses.field(default=None, compare=False)
    about: AboutWhom | None = dataclasses.field(default=None, repr=False, compare=False)
    sender: str | None = None
    urgency: Urgency | None = None
    statement_of: str | None = dataclasses.field(default=None, repr=False, compare=False)
    is_part: bool = False

    @property
    def cannot_wait(self) -> Urgency | None:
        """What of it cannot wait, by what its envelope says or by what kind of message it is."""
        if self.urgency is not None or self.about is None:
            return self.urgency
        of_kind = _KINDS_THAT_CANNOT_WAIT.get(self.about.kind)
        return of_kind or (Urgency.REMOVAL if self.about.removes else None)


_KINDS_THAT_CANNOT_WAIT = {
    MessageKind.DEATH_NOTIFICATION: Urgency.DEATH,
    MessageKind.SAFETY_ALERT: Urgency.SAFETY,
}


@dataclass(frozen=True, slots=True)
class Received:
    """One message found in a file or push: readable or not.

    `index` counts from 0 in the file. `raw()` gives bytes that, read again by the same reader,
    give this one message: what is held back or parked can always be replayed. `origin` is the
    file or mailbox message that it came in, where it did: it is told to nobody but those who mend.
    """

    index: int
    outcome: SourceMessage | Unreadable
    raw: Callable[[], bytes]
    origin: str | None = dataclasses.field(default=None, repr=False)


class MessageReader(Protocol):
    """Reads messages from one file of one source system.

    Yields every message found, in file order, one at a time without holding the whole file.
    Never raises for what is in the file: a file that cannot be read at all yields one
    Received with an Unreadable outcome; one bad message does not stop the others.
    """

    def __call__(self, stream: BinaryIO, *, received_at: datetime) -> Iterator[Received]:
        """Read `stream` from where it stands to its end.

        `received_at` (aware) versions messages that have no date of their own.
        """
