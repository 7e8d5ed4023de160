"""The record that a message is about: its lasting key, and its removal."""

from collections.abc import Callable

from connectors import limits
from connectors.health_visiting.elements import child, value
from connectors.health_visiting.header import EventType
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.nodes import Node
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import Payload
from schemas.vocabulary import Action, Category, Label

_WITHDRAWN_STATUS = "entered-in-error"


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
    return message.event_type is EventType.DELETE or is_withdrawn(focus)


def is_withdrawn(resource: Node) -> bool:
    """Whether its source says that the resource should never have been."""
    return value(resource, "status") == _WITHDRAWN_STATUS
