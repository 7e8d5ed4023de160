"""What a connector reads from: every source system is read through this one shape."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from schemas.records.message import SourceMessage, Version


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why one message could not be read: the field and the reason, never a value.

    `field` is a path in the source's own terms (`Patient.birthDate`, `Pupil/DOB`,
    `child_details.date_of_birth`); `reason` is a code such as `missing`, `not-a-date`,
    `contradicts:MessageHeader.birthDateTime`, `too-large`, `not-xml`, `doctype-forbidden`.
    `scopes` and `version` are those of all that is in it, as far as that could be read: when its
    source takes such a scope back, what is kept of the message goes too. `about` is whose statement
    it is where the source gives it no date (`Undated`).
    """

    field: str
    reason: str
    message_id: str | None = None
    scopes: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    version: Version | None = dataclasses.field(default=None, compare=False)
    about: str | None = dataclasses.field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Received:
    """One message found in a file or push: readable or not.

    `index` counts from 0 in the file. `raw()` gives bytes that, read again by the same reader,
    give this one message: what is held back or parked can always be replayed.
    """

    index: int
    outcome: SourceMessage | Unreadable
    raw: Callable[[], bytes]


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
