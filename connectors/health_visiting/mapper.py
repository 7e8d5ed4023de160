"""NEMS message bundle to source message: each kind of event to its own mapper. Pure."""

from collections.abc import Callable, Mapping

from connectors.health_visiting.accounts.alerts import (
    failsafe_alert_from_message,
    safety_alert_from_message,
)
from connectors.health_visiting.accounts.encounters import (
    ACCOUNTS,
    account_from_message,
    demographics_from_message,
)
from connectors.health_visiting.clinical.assessments import assessment_from_message
from connectors.health_visiting.clinical.births import birth_from_message
from connectors.health_visiting.clinical.requirements import requirements_from_message
from connectors.health_visiting.clinical.reviews import encounter_from_message
from connectors.health_visiting.clinical.screening import (
    feeding_from_message,
    screening_from_message,
)
from connectors.health_visiting.clinical.vaccinations import vaccination_from_message
from connectors.health_visiting.involvements import professional_contact_from_message
from connectors.health_visiting.legal_statuses import legal_information_from_message
from connectors.health_visiting.mapped import Mapped
from connectors.health_visiting.nems.events import EventCode, message_kind
from connectors.health_visiting.nems.message import (
    NemsMessage,
    names_of,
    read_message,
)
from connectors.health_visiting.nems.nodes import Node, child
from connectors.health_visiting.persons.others import with_deaths_of_others
from connectors.health_visiting.persons.relatives import personal_contacts_from_message
from connectors.health_visiting.register.answers import register_answer_from_message
from connectors.health_visiting.register.changes import (
    change_of_address_from_message,
    change_of_gp_from_message,
    death_from_message,
    record_change_from_message,
)
from connectors.health_visiting.register.marks import with_marks
from connectors.health_visiting.unused import unused_of
from schemas.records.message import SourceMessage, with_more
from schemas.vocabulary import Source

_MAPPERS: Mapping[EventCode, Callable[[NemsMessage], Mapped]] = {
    EventCode.PROFESSIONAL_CONTACTS: professional_contact_from_message,
    EventCode.BIRTH_NOTIFICATION: birth_from_message,
    EventCode.CHANGE_OF_ADDRESS: change_of_address_from_message,
    EventCode.CHANGE_OF_GP: change_of_gp_from_message,
    EventCode.DEATH_NOTIFICATION: death_from_message,
    EventCode.RECORD_CHANGE: record_change_from_message,
    EventCode.REGISTER_ANSWER: register_answer_from_message,
    EventCode.VACCINATIONS: vaccination_from_message,
    EventCode.NEWBORN_HEARING: screening_from_message,
    EventCode.NIPE_OUTCOME: screening_from_message,
    EventCode.BLOOD_SPOT_OUTCOME: screening_from_message,
    EventCode.ENCOUNTER: encounter_from_message,
    EventCode.ASSESSMENT_SCALES: assessment_from_message,
    EventCode.FEEDING_STATUS: feeding_from_message,
    EventCode.PERSONAL_CONTACTS: personal_contacts_from_message,
    EventCode.LEGAL_INFORMATION: legal_information_from_message,
    EventCode.INDIVIDUAL_REQUIREMENTS: requirements_from_message,
    EventCode.ADDITIONAL_DEMOGRAPHICS: demographics_from_message,
    EventCode.SAFETY_ALERTS: safety_alert_from_message,
    EventCode.FAILSAFE_ALERT: failsafe_alert_from_message,
    EventCode.FAILSAFE_ALERT_NULLIFIED: failsafe_alert_from_message,
    **dict.fromkeys(ACCOUNTS, account_from_message),
}


def source_message_from_bundle(document: Node, *, message_id: str) -> SourceMessage:
    """What one NEMS message says; raises UnreadableMessageError with the field and the reason."""
    message = read_message(document)
    mapped = with_deaths_of_others(message, _MAPPERS[message.event](message))
    unused = unused_of(message, mapped.records, also=mapped.more)
    told = SourceMessage(
        source=Source.HEALTH_VISITING,
        message_id=message_id,
        version=message.version,
        subjects=mapped.subjects,
        records=with_more(mapped.records, unused.more),
        sender=message.sender,
        kind=message_kind(message.header),
        names=names_of(message.header, message.resolve(child(message.header, "focus"))),
        unused=unused,
        doubt=mapped.doubt,
    )
    return with_marks(told, message)
