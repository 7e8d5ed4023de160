"""NEMS message bundle to source message: each kind of event to its own mapper. Pure."""

from typing import assert_never

from connectors.health_visiting.births import birth_from_message
from connectors.health_visiting.contacts import professional_contact_from_message
from connectors.health_visiting.mapped import Mapped
from connectors.health_visiting.message import EventCode, NemsMessage, read_message
from connectors.health_visiting.pds_changes import (
    change_of_address_from_message,
    change_of_gp_from_message,
    death_from_message,
    record_change_from_message,
)
from connectors.health_visiting.screening import screening_from_message
from connectors.health_visiting.vaccinations import vaccination_from_message
from connectors.safe_xml import Element
from schemas.records.message import SourceMessage
from schemas.vocabulary import Source


def source_message_from_bundle(root: Element, *, message_id: str) -> SourceMessage:
    """What one NEMS message says; raises UnreadableMessageError with the field and the reason."""
    message = read_message(root)
    mapped = _mapped(message)
    return SourceMessage(
        source=Source.HEALTH_VISITING,
        message_id=message_id,
        version=message.version,
        subjects=mapped.subjects,
        records=mapped.records,
    )


def _mapped(message: NemsMessage) -> Mapped:
    match message.event:
        case EventCode.PROFESSIONAL_CONTACTS:
            mapper = professional_contact_from_message
        case EventCode.VACCINATIONS:
            mapper = vaccination_from_message
        case EventCode.NEWBORN_HEARING | EventCode.NIPE_OUTCOME | EventCode.BLOOD_SPOT_OUTCOME:
            mapper = screening_from_message
        case EventCode.BIRTH_NOTIFICATION:
            mapper = birth_from_message
        case EventCode.CHANGE_OF_ADDRESS:
            mapper = change_of_address_from_message
        case EventCode.CHANGE_OF_GP:
            mapper = change_of_gp_from_message
        case EventCode.DEATH_NOTIFICATION:
            mapper = death_from_message
        case EventCode.RECORD_CHANGE:
            mapper = record_change_from_message
        case _ as unreachable:
            assert_never(unreachable)
    return mapper(message)
