"""What happened: the events that are read, under every code by which they are sent.

NEMS names its events in words; the Digital Child Health specification numbered the same ones, CH001
to CH037, and the first release of the events service had numbers of its own. Sources: NHS England,
EventType-1, DCH-ChildHealthEventType-1 and EMS-EventType-1 (CodeSystems, FHIR STU3).
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from connectors.health_visiting.nems.nodes import Node, child, value
from schemas.records.kinds import MessageKind


class EventCode(StrEnum):
    """What happened: MessageHeader.event.code."""

    PROFESSIONAL_CONTACTS = "professional-contacts-1"
    BIRTH_NOTIFICATION = "pds-birth-notification-1"
    CHANGE_OF_ADDRESS = "pds-change-of-address-1"
    CHANGE_OF_GP = "pds-change-of-gp-1"
    DEATH_NOTIFICATION = "pds-death-notification-1"
    RECORD_CHANGE = "pds-record-change-1"
    VACCINATIONS = "vaccinations-1"
    NEWBORN_HEARING = "newborn-hearing-1"
    NIPE_OUTCOME = "nipe-outcome-1"
    BLOOD_SPOT_OUTCOME = "blood-spot-test-outcome-1"
    ENCOUNTER = "encounter-1"
    ASSESSMENT_SCALES = "assessment-scales-1"
    FEEDING_STATUS = "feeding-status-1"
    PERSONAL_CONTACTS = "personal-contacts-1"
    LEGAL_INFORMATION = "legal-information-1"
    INDIVIDUAL_REQUIREMENTS = "individual-requirements-1"
    ADDITIONAL_DEMOGRAPHICS = "additional-demographics-1"
    ADMISSION = "admission-details-1"
    ALLERGIES = "allergies-and-adverse-reactions-1"
    BIRTH_DETAILS = "birth-details-1"
    BLOOD_SPOT_SAMPLE = "blood-spot-sample-taken-1"
    BLOOD_SPOT_CARD = "blood-spot-card-received-1"
    RISK_FACTORS = "clinical-risk-factors-1"
    PROBLEM_LIST = "problem-list-1"
    DISCHARGE = "discharge-details-1"
    EARLY_YEARS_PROGRESS = "early-years-progress-1"
    EMERGENCY_CARE = "emergency-care-attendance-1"
    EXAMINATION_FINDINGS = "examination-findings-1"
    FAMILY_HISTORY = "family-history-1"
    ADVICE_GIVEN = "information-and-advice-given-1"
    OBSERVATIONS = "observations-1"
    MEDICATION_STATEMENT = "medication-statement-1"
    MEDICATION_GIVEN = "medication-administration-1"
    DEVELOPMENTAL_SKILLS = "developmental-skills-1"
    COMMENT_OF_FAMILY = "parent-guardian-or-personal-comment-1"
    PLAN = "plan-and-requested-actions-1"
    PROFESSIONAL_SUMMARY = "professional-summary-1"
    REFERRAL = "referral-1"
    SAFETY_ALERTS = "safety-alerts-1"
    HOUSEHOLD = "social-context-household-1"
    SOCIAL_CONTEXT = "social-context-1"
    EDUCATIONAL_HISTORY = "educational-history-1"
    INVESTIGATION_RESULTS = "investigation-results-1"
    FAILSAFE_ALERT = "national-population-failsafe-alert-1"
    FAILSAFE_ALERT_NULLIFIED = "national-population-failsafe-alert-nullify-1"
    REGISTER_ANSWER = "pds-patient-1"
    """None that is sent: a Patient as the register answers, taken for a message."""


SENT: Final = frozenset(EventCode) - {EventCode.REGISTER_ANSWER}
"""The events that anybody sends as such."""
ALIASES: Final[Mapping[str, EventCode]] = MappingProxyType(
    {
        "CH001": EventCode.ADDITIONAL_DEMOGRAPHICS,
        "CH002": EventCode.ADMISSION,
        "CH003": EventCode.ALLERGIES,
        "CH004": EventCode.ASSESSMENT_SCALES,
        "CH005": EventCode.BIRTH_DETAILS,
        "CH006": EventCode.BLOOD_SPOT_SAMPLE,
        "CH007": EventCode.RISK_FACTORS,
        "CH008": EventCode.PROBLEM_LIST,
        "CH009": EventCode.DISCHARGE,
        "CH010": EventCode.EARLY_YEARS_PROGRESS,
        "CH011": EventCode.EMERGENCY_CARE,
        "CH012": EventCode.EXAMINATION_FINDINGS,
        "CH013": EventCode.FAMILY_HISTORY,
        "CH014": EventCode.FEEDING_STATUS,
        "CH015": EventCode.VACCINATIONS,
        "CH016": EventCode.INDIVIDUAL_REQUIREMENTS,
        "CH017": EventCode.ADVICE_GIVEN,
        "CH018": EventCode.OBSERVATIONS,
        "CH019": EventCode.MEDICATION_STATEMENT,
        "CH020": EventCode.DEVELOPMENTAL_SKILLS,
        "CH021": EventCode.NEWBORN_HEARING,
        "CH022": EventCode.COMMENT_OF_FAMILY,
        "CH023": EventCode.PERSONAL_CONTACTS,
        "CH024": EventCode.NIPE_OUTCOME,
        "CH025": EventCode.PLAN,
        "CH026": EventCode.PROFESSIONAL_SUMMARY,
        "CH027": EventCode.PROFESSIONAL_CONTACTS,
        "CH028": EventCode.REFERRAL,
        "CH029": EventCode.SAFETY_ALERTS,
        "CH030": EventCode.HOUSEHOLD,
        "CH031": EventCode.SOCIAL_CONTEXT,
        "CH032": EventCode.EDUCATIONAL_HISTORY,
        "CH033": EventCode.LEGAL_INFORMATION,
        "CH034": EventCode.BLOOD_SPOT_CARD,
        "CH035": EventCode.BLOOD_SPOT_OUTCOME,
        "CH036": EventCode.MEDICATION_GIVEN,
        "CH037": EventCode.INVESTIGATION_RESULTS,
        "FM001": EventCode.FAILSAFE_ALERT,
        "FM002": EventCode.FAILSAFE_ALERT_NULLIFIED,
        "PDS001": EventCode.CHANGE_OF_GP,
        "PDS002": EventCode.CHANGE_OF_ADDRESS,
        "PDS003": EventCode.BIRTH_NOTIFICATION,
        "PDS004": EventCode.DEATH_NOTIFICATION,
    }
)
"""The same events as they were numbered before they had names."""

_KINDS: Mapping[str, MessageKind] = {
    EventCode.PROFESSIONAL_CONTACTS: MessageKind.PROFESSIONAL_CONTACT,
    EventCode.BIRTH_NOTIFICATION: MessageKind.BIRTH_NOTIFICATION,
    EventCode.CHANGE_OF_ADDRESS: MessageKind.CHANGE_OF_ADDRESS,
    EventCode.CHANGE_OF_GP: MessageKind.CHANGE_OF_PRACTICE,
    EventCode.DEATH_NOTIFICATION: MessageKind.DEATH_NOTIFICATION,
    EventCode.RECORD_CHANGE: MessageKind.RECORD_CHANGE,
    EventCode.REGISTER_ANSWER: MessageKind.RECORD_CHANGE,
    EventCode.VACCINATIONS: MessageKind.VACCINATION,
    EventCode.NEWBORN_HEARING: MessageKind.SCREENING,
    EventCode.NIPE_OUTCOME: MessageKind.SCREENING,
    EventCode.BLOOD_SPOT_OUTCOME: MessageKind.SCREENING,
    EventCode.BLOOD_SPOT_SAMPLE: MessageKind.SCREENING,
    EventCode.BLOOD_SPOT_CARD: MessageKind.SCREENING,
    EventCode.ASSESSMENT_SCALES: MessageKind.ASSESSMENT,
    EventCode.EARLY_YEARS_PROGRESS: MessageKind.ASSESSMENT,
    EventCode.DEVELOPMENTAL_SKILLS: MessageKind.ASSESSMENT,
    EventCode.FEEDING_STATUS: MessageKind.FEEDING,
    EventCode.PERSONAL_CONTACTS: MessageKind.PERSONAL_CONTACT,
    EventCode.LEGAL_INFORMATION: MessageKind.LEGAL_STATUS,
    EventCode.INDIVIDUAL_REQUIREMENTS: MessageKind.REQUIREMENTS,
    EventCode.SAFETY_ALERTS: MessageKind.SAFETY_ALERT,
}
# Events that nothing here reads, by what their code begins with; the version may be any.
_NOT_READ = {
    "safety-alert": MessageKind.SAFETY_ALERT,
    "pds-death-notification": MessageKind.DEATH_NOTIFICATION,
    "vaccination": MessageKind.VACCINATION,
    "legal-information": MessageKind.LEGAL_STATUS,
}


def event_named(code: str) -> EventCode | None:
    """The event that a code is that of; None for one that nobody told us of."""
    return ALIASES.get(code) or (EventCode(code) if code in _BY_NAME else None)


def kind_of_event(code: str) -> MessageKind:
    """What kind of message a code is that of; unknown for one that nobody told us of."""
    event = event_named(code)
    if event is not None:
        return _KINDS.get(event, MessageKind.CONTACT)
    not_read = (kind for begun, kind in _NOT_READ.items() if code.startswith(begun))
    return next(not_read, MessageKind.UNKNOWN)


def message_kind(header: Node) -> MessageKind:
    """What kind of message it is, also where nothing here reads it."""
    return kind_of_event(value(child(header, "event"), "code") or "")


_BY_NAME = frozenset(EventCode)

# As what NEMS sends each event to a MESH mailbox: the workflow ids.

_LETTERS_AND_DIGITS = re.compile(r"[^A-Z0-9]")
_OF_PDS = "PDS"


def is_known_workflow(workflow_id: str | None) -> bool:
    """Whether messages of this workflow are events that we map.

    NEMS names a workflow after its event: `PROFESSIONALCONTACTS_1`, `BIRTHNOTIFICATION_1`,
    `PDS_RECORD_CHANGE_1`. Its own pages write the same one with and without the part for PDS and
    with other underscores (DOMAIN section 2.1.1), so only letters and digits are compared.
    """
    return workflow_id is not None and _compact(workflow_id).removeprefix(_OF_PDS) in _KNOWN


def _compact(name: str) -> str:
    return _LETTERS_AND_DIGITS.sub("", name.upper())


_KNOWN = frozenset(_compact(event).removeprefix(_OF_PDS) for event in SENT)
