"""What the mapper of one kind of event hands on: subjects, and records under lasting keys."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Self

from connectors.health_visiting.nems.message import MessageEventType, NemsMessage
from connectors.health_visiting.nems.nodes import Node, child, value
from connectors.health_visiting.nems.statuses import is_in_error
from connectors.health_visiting.persons.people import Person, death_record, person_records
from connectors.parsing import limits
from schemas.errors import UnreadableMessageError
from schemas.records.message import BirthDoubt, Record, Subject, clearing
from schemas.records.payloads import Payload
from schemas.records.unused import MoreAtSource
from schemas.vocabulary import Action, Category, Label

_DOUBTFUL = frozenset({Label.DATES_CONTRADICT})


def focus_key(message: NemsMessage, focus: Node) -> str:
    """The focus resource's own lasting identifier, which updates and deletes share.

    Suppliers reuse identifiers between kinds of event, so the event's code goes before it. What is
    new and has none is known by what it says: nothing can later replace it by name.
    """
    identifier = child(focus, "identifier")
    number, resource_id = value(identifier, "value"), value(focus, "id")
    if number is None and resource_id is None and message.content is None:
        raise UnreadableMessageError(field="focus.identifier", reason="missing")
    own = f"id|{resource_id}" if resource_id else f"content|{message.content}"
    if number:
        own = f"{value(identifier, 'system') or ''}|{number}"
    key = f"{message.event}/{own}"
    if len(key) > limits.SOURCE_ID_CHARACTERS:
        raise UnreadableMessageError(field="focus.identifier", reason="too-long")
    return key


def key_beside(message: NemsMessage, resource: Node, *, otherwise: str) -> str:
    """The key of a resource beside the focus: of its own identifier, where it has one."""
    has_own = value(child(resource, "identifier"), "value") is not None
    return focus_key(message, resource) if has_own else otherwise


def focus_record(
    message: NemsMessage,
    focus: Node,
    *,
    source_id: str,
    category: Category,
    subjects: tuple[str, ...],
    build: Callable[[], Payload],
    labels: frozenset[Label] = frozenset(),
    scopes: tuple[str, ...] = (),
) -> Record:
    """The record as `build` makes it, or its removal when the message takes it back.

    A resource entered in error is taken back whatever the type of the event says.
    """
    if is_taken_back(message, focus):
        return Record(source_id, category, subjects, None, Action.REMOVE, labels, scopes)
    return Record(source_id, category, subjects, build(), labels=labels, scopes=scopes)


def is_taken_back(message: NemsMessage, focus: Node) -> bool:
    """Whether the message removes what it is about."""
    return message.event_type is MessageEventType.DELETE or is_in_error(focus)


# What a message states under the key of its focus may be several records. The first has that key;
# the others lie in a scope, so that an update with one fewer takes it back.


def scopes_of(key: str, number: int) -> tuple[str, ...]:
    """The scopes of a record by its place among those that the focus states; of the first, none."""
    return (key, f"{key}/others") if number else ()


def without_others(
    message: NemsMessage, focus: Node, key: str, category: Category, ref: str
) -> tuple[Record, ...]:
    """The clearing of whatever else was stated before; a new message has nothing to clear."""
    if message.event_type is MessageEventType.NEW and not is_taken_back(message, focus):
        return ()
    around, others = scopes_of(key, 1)
    return (clearing(others, category, (ref,), scopes=(around,)),)


def _death_told(person: Person, besides: tuple[Record, ...]) -> Iterator[Record]:
    death = None if person.facts is None else person.facts.death
    if death is not None and death.said is not None and death.said.says_died:
        told = death_record(person, death.said)
        if all(record.source_id != told.source_id for record in besides):
            yield told


@dataclass(frozen=True, slots=True, repr=False)
class Mapped:
    """The subjects and records of one message; `more` is what was read and is not told on."""

    subjects: tuple[Subject, ...]
    records: tuple[Record, ...] = ()
    doubt: BirthDoubt | None = None
    more: tuple[MoreAtSource, ...] = ()

    @classmethod
    def of_person(
        cls, message: NemsMessage, focus: Node, person: Person, records: tuple[Record, ...]
    ) -> Self:
        """A message about one patient; one that takes its focus back says nothing else.

        But a death: what was entered in error is the focus, not what its Patient states.
        """
        if is_taken_back(message, focus):
            if message.event_type is not MessageEventType.DELETE:
                records = (*records, *_death_told(person, records))
            also = (
                replace(record, subjects=(other.ref,))
                for other in person.others
                for record in records
            )
            return cls((person.subject, *person.others), (*records, *also))
        ids = {record.source_id for record in records}
        own = (record for record in person_records(person) if record.source_id not in ids)
        told = (*own, *records)
        if person.is_birth_contradicted:
            told = tuple(replace(record, labels=record.labels | _DOUBTFUL) for record in told)
        return cls((person.subject,), told, person.doubt)

    def with_more(self, more: tuple[MoreAtSource, ...]) -> Self:
        """The same, with what its source tells besides and is not told on."""
        return replace(self, more=(*self.more, *more))
