"""What every message about an encounter says: when, where, with whom, of which type."""

from collections.abc import Iterable, Iterator

from connectors.health_visiting.elements import child, children, codings_of, descend, value
from connectors.health_visiting.mandated_reviews import Review, review_named
from connectors.health_visiting.message import NemsMessage
from connectors.health_visiting.nodes import Node
from connectors.health_visiting.patients import display_name
from schemas.records.payloads import Coding

_CANCELLED = "cancelled"


def types_of(encounter: Node) -> Iterator[Coding]:
    """Every coding of the encounter's types."""
    for concept in children(encounter, "type"):
        yield from codings_of(concept)


def review_of(encounter: Node) -> Review | None:
    """The mandated review that the encounter was, if it was one."""
    return review_named(types_of(encounter))


def did_not_happen(encounter: Node) -> bool:
    """Whether the encounter was offered and called off."""
    return value(encounter, "status") == _CANCELLED


def agency_name_of(message: NemsMessage, encounter: Node) -> str | None:
    """The organisation that provided the encounter, else the one responsible for the message."""
    for reference in (child(encounter, "serviceProvider"), child(message.header, "responsible")):
        name = value(message.resolve(reference), "name") or value(reference, "display")
        if name is not None:
            return name
    return None


def practitioner_name_of(message: NemsMessage, encounter: Node) -> str | None:
    """Who met the person: who took part, else who performed what was done or wrote it down."""
    for reference in _practitioners(message, encounter):
        practitioner = message.resolve(reference)
        if message.is_of_type(practitioner, "Practitioner"):
            return display_name(practitioner)
    return None


def _practitioners(message: NemsMessage, encounter: Node) -> Iterator[Node]:
    found: Iterable[Node | None] = (
        *(child(participant, "individual") for participant in children(encounter, "participant")),
        *(descend(one, "performer", "actor") for one in message.of_type("Procedure")),
        *(child(one, "performer") for one in message.of_type("Observation")),
        *(child(one, "author") for one in message.of_type("QuestionnaireResponse")),
    )
    return (reference for reference in found if reference is not None)
