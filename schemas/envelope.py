"""What every message on the bus carries: CloudEvents 1.0 in Kafka's binary mode.

Source: CloudEvents 1.0.2, Kafka protocol binding section 3.2: attributes are headers `ce_*`.
Only opaque ids and codes stand here; content is in the value, encrypted.
"""

from dataclasses import dataclass
from enum import StrEnum

from schemas.errors import UnreadableEventError

ENCRYPTED = "application/jose"
PLAIN = "application/json"


class EventType(StrEnum):
    """Every type of event on the bus; a type ends in its version."""

    RECORD_UPSERTED = "tellonce.record.upserted.v1"
    RECORD_REMOVED = "tellonce.record.removed.v1"
    DECISION_CHANGED = "tellonce.sharing-decision.changed.v1"
    PERSON_RELINKED = "tellonce.person.relinked.v1"
    PROFILE_CHANGED = "tellonce.profile.changed.v1"
    RESEND_REQUESTED = "tellonce.resend.requested.v1"
    CONNECTION_CHANGED = "tellonce.connection.changed.v1"


@dataclass(frozen=True, slots=True)
class Event:
    """One event: `topic` and `key` say where it goes; `subject` is an opaque id."""

    topic: str
    key: str
    id: str
    type: EventType
    source: str
    subject: str
    time: str
    content_type: str
    data: bytes

    def headers(self) -> tuple[tuple[str, str], ...]:
        """The CloudEvents attributes as Kafka headers."""
        return (
            ("ce_specversion", "1.0"),
            ("ce_id", self.id),
            ("ce_type", self.type.value),
            ("ce_source", self.source),
            ("ce_subject", self.subject),
            ("ce_time", self.time),
            ("content-type", self.content_type),
        )


def event_from_message(
    topic: str, key: str, headers: tuple[tuple[str, str], ...], value: bytes
) -> Event:
    """Back from a message in binary mode. Raises UnreadableEventError naming the header."""
    found = dict(headers)
    try:
        if found["ce_specversion"] != "1.0":
            raise UnreadableEventError("ce_specversion: not 1.0")
        return Event(
            topic,
            key,
            found["ce_id"],
            EventType(found["ce_type"]),
            found["ce_source"],
            found["ce_subject"],
            found["ce_time"],
            found["content-type"],
            value,
        )
    except KeyError as error:
        raise UnreadableEventError(f"header {error.args[0]}: missing") from None
    except ValueError:
        raise UnreadableEventError("header ce_type: unknown to this version") from None
