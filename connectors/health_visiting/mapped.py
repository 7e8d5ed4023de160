"""What the mapper of one kind of event hands on: subjects, and records under lasting keys."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from connectors.health_visiting.nems.message import MessageEventType, NemsMessage
from connectors.health_visiting.nems.nodes import Node, child, value
from connectors.health_visiting.people import Person, person_records
from connectors.parsing import limits
from schemas.errors import UnreadableMessageError
from schemas.records.message import BirthDoubt, Record, Subject
from schemas.records.payloads import Payload
from schemas.vocabulary import Action, Category, Label

_WITHDRAWN_STATUS = "entered-in-error"
_DOUBTFUL = frozenset({Label.DATES_CONTRADICT})


def focus_key(message: NemsMessage, focus: Node) -> str:
    """The focus resource's own lasting identifier, which updates and deletes share.

    Suppliers reuse identifiers between kinds of event, so the event's code goes before it.
    """
    identifier = child(focus, "identifier")
    number, resource_id = value(identifier, "value"), value(focus, "id")
    if number is None and resource_id is None:
        raise UnreadableMessageError(field="focus.identifier", reason="missing")
    own = f"{value(identifier, 'system') or ''}|{number}" if number else f"id|{resource_id}"
    key = f"{message.event}/{own}"
    if len(key) > limits.SOURCE_ID_CHARACTERS:
        raise UnreadableMessageError(field="focus.identifier", reason="too-long")
    return key


def focus_record(
    message: NemsMessage,
    focus: Node,
    *,
    source_id: str,
    category: Category,
    subjects: tuple[str, ...],
    build: Callable[[], Payload],
    labels: frozenset[Label] = frozenset(),
) -> Record:
    """The record as `build` makes it, or its removal when the message takes it back.

    A resource entered in error is taken back whatever the type of the event says.
    """
    if is_taken_back(message, focus):
        return Record(source_id, category, subjects, None, Action.REMOVE, labels)
    return Record(source_id, category, subjects, build(), labels=labels)


def is_taken_back(message: NemsMessage, focus: Node) -> bool:
    """Whether the message removes what it is about."""
    return message.event_type is MessageEventType.DELETE or is_withdrawn(focus)


def is_withdrawn(resource: Node) -> bool:
    """Whether its source says that the resource should never have been."""
    return value(resource, "status") == _WITHDRAWN_STATUS


@dataclass(frozen=True, slots=True, repr=False)
class Mapped:
    """The subjects and records of one message."""

    subjects: tuple[Subject, ...]
    records: tuple[Record, ...] = ()
    doubt: BirthDoubt | None = None

    @classmethod
    def of_person(
        cls, message: NemsMessage, focus: Node, person: Person, records: tuple[Record, ...]
    ) -> Self:
        """A message about one patient; one that takes its focus back says nothing else."""
        if is_taken_back(message, focus):
            also = (
                replace(record, subjects=(other.ref,))
                for other in person.others
                for record in records
            )
            return cls((person.subject, *person.others), (*records, *also))
        told = (*person_records(person), *records)
        if person.doubt is not None:
            told = tuple(replace(record, labels=record.labels | _DOUBTFUL) for record in told)
        return cls((person.subject,), told, person.doubt)
