"""The record that a message is about: its lasting key, and its removal."""

from collections.abc import Callable

from connectors import limits
from connectors.health_visiting.elements import child, value
from connectors.health_visiting.message import EventType, NemsMessage
from connectors.safe_xml import Element
from schemas.errors import UnreadableMessageError
from schemas.records.message import Record
from schemas.records.payloads import Payload
from schemas.vocabulary import Action, Category, Label

_WITHDRAWN_STATUS = "entered-in-error"


def focus_key(message: NemsMessage, focus: Element) -> str:
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
    focus: Element,
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


def is_taken_back(message: NemsMessage, focus: Element) -> bool:
    """Whether the message removes what it is about."""
    return message.event_type is EventType.DELETE or value(focus, "status") == _WITHDRAWN_STATUS
