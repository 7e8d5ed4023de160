"""Why a message that can be read is parked all the same, with what of it cannot wait."""

from dataclasses import replace

from connectors.ports import Unreadable, Urgency
from connectors.publishing.unread import refused
from schemas.records.message import SourceMessage
from schemas.records.payloads import PersonDetails
from schemas.vocabulary import Action, Label

STATES_A_DEATH = "states-a-death"


def unsettled(message: SourceMessage, field: str, reason: str) -> Unreadable:
    """The message as one that waits, by its own id and sender."""
    why = refused(field, reason, message)
    return replace(why, sender=message.sender, urgency=_urgency_of(message))


def _urgency_of(message: SourceMessage) -> Urgency | None:
    """What it tells, the gravest first; of a doubtful one its details are not among the records."""
    payloads = [record.payload for record in message.records]
    is_of_death = message.doubt is not None and STATES_A_DEATH in message.doubt.against
    if is_of_death or any(isinstance(p, PersonDetails) and p.died for p in payloads):
        return Urgency.DEATH
    if any(Label.PROTECTED_LOCATION in record.labels for record in message.records):
        return Urgency.RESTRICTION
    states = any(record.action is Action.UPSERT for record in message.records)
    removes = any(record.action is Action.REMOVE for record in message.records)
    clears = any(record.action is Action.CLEAR for record in message.records)
    takes_back = message.removes_subject or removes or (clears and not states)
    return Urgency.REMOVAL if takes_back else None
