"""One message from a source: the unit that is received, decided on, published or parked."""

from dataclasses import dataclass

from schemas.records.payloads import Payload
from schemas.records.subject import Subject
from schemas.vocabulary import Action, Category, Label, Source


@dataclass(frozen=True, slots=True, repr=False)
class Version:
    """The source's own sequence: ISO 8601 time in UTC, then a number. Compare by `sort_key`."""

    at: str
    number: int = 0

    @property
    def sort_key(self) -> str:
        """Text that sorts as the versions do; a later one wins over an earlier one."""
        return f"{self.at}/{self.number:09d}"


@dataclass(frozen=True, slots=True, repr=False)
class Record:
    """One fact from one source about one or more persons.

    `source_id` is the source's own lasting id for it (the upsert key); `subjects` are refs of
    the message's subjects, the first is whose record it is. A removal has no payload.
    """

    source_id: str
    category: Category
    subjects: tuple[str, ...]
    payload: Payload | None
    action: Action = Action.UPSERT
    labels: frozenset[Label] = frozenset()


@dataclass(frozen=True, slots=True, repr=False)
class SourceMessage:
    """What a mapper makes of one NEMS message, one pupil or one child's payload.

    `message_id` is what redeliveries share; `version` orders the source's messages.
    `removes_subject` asks to remove every record that this source sent about the first subject.
    """

    source: Source
    message_id: str
    version: Version
    subjects: tuple[Subject, ...]
    records: tuple[Record, ...]
    removes_subject: bool = False
