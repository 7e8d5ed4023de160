"""Which profile of IHE BALP each ledger event follows as an AuditEvent, or why it follows none.

After IHE ITI Basic Audit Log Patterns 1.1.4 (https://profiles.ihe.net/ITI/BALP). A profile that
wants a patient is followed where the entry names one; else the one without is, where there is one.
`deploy/conformance/ihe-balp.md` tells it event by event, and is written from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from consent.ledger.event_fields import EVENT_FIELDS
from consent.ledger.events import LedgerEvent
from services.audit.exports.shapes import PERSON_FIELDS

BALP = "https://profiles.ihe.net/ITI/BALP"
BALP_VERSION = "1.1.4"
_IDS_OF = "IHE.BasicAudit."
E = LedgerEvent


class BalpProfile(StrEnum):
    """A profile of BALP, by the end of its id."""

    READ = "Read"
    PATIENT_READ = "PatientRead"
    QUERY = "Query"
    PATIENT_QUERY = "PatientQuery"
    CREATE = "Create"
    PATIENT_CREATE = "PatientCreate"
    UPDATE = "Update"
    PATIENT_UPDATE = "PatientUpdate"
    DELETE = "Delete"
    PATIENT_DELETE = "PatientDelete"
    AUTHZ_CONSENT = "AuthZconsent"
    DISCLOSURE_SOURCE = "PrivacyDisclosure.Source"

    @property
    def canonical(self) -> str:
        """As `meta.profile` names it."""
        return f"{BALP}/StructureDefinition/{_IDS_OF}{self.value}"


_WITHOUT_PATIENT = {
    BalpProfile.PATIENT_READ: BalpProfile.READ,
    BalpProfile.PATIENT_QUERY: BalpProfile.QUERY,
    BalpProfile.PATIENT_CREATE: BalpProfile.CREATE,
    BalpProfile.PATIENT_UPDATE: BalpProfile.UPDATE,
    BalpProfile.PATIENT_DELETE: BalpProfile.DELETE,
}


class NoProfile(StrEnum):
    """Why an event follows no profile: it is an AuditEvent of R4 and no more."""

    REFUSED = "refused or withheld: the patterns are of what succeeded, and no consent is named"
    NO_CONSENT = "it was decided from no decision on record, and AuthZconsent wants one"
    NO_PATIENT = "a disclosure of nobody: PrivacyDisclosure wants a patient"
    SIGN_IN = "signing in and out is DICOM's User Authentication, of which BALP has no profile"
    EMERGENCY = "DICOM's Emergency Override, of which BALP has no profile"
    RUNNING = "running the service and its governance: no access to what is held of a person"


@dataclass(frozen=True, slots=True)
class Followed:
    """What an event follows, and which of its fields names the data that it was about."""

    profile: BalpProfile | None
    data: str | None = None
    why_not: NoProfile | None = None


_READS = {
    E.PROFILE_READ: "disclosure",
    E.PROFILE_READ_THROUGH_PARTNER: "disclosure",
    E.OWN_LABELS_OPENED: None,
    E.PARKED_READ: "message",
    E.PARKED_VALUES_SHOWN: "message",
    E.LINK_REVIEW_READ: "review",
    E.PRESENCE_CONTACT_SHOWN: "contacts",
    E.STAFF_SHOWN: "practitioner",
    E.CONNECTION_SHOWN: "connection",
    E.LEDGER_READ: None,
    E.DISCLOSURE_REPLAYED: "disclosure",
    E.FAMILY_PAGE_SEEN: None,
}
_QUERIES = (
    *(E.SEARCH_MADE, E.PARKED_LISTED, E.LINK_REVIEWS_LISTED, E.STAFF_LISTED, E.SESSIONS_LISTED),
    *(E.RESTRICTIONS_LISTED, E.EXCLUSIONS_LISTED, E.DECIDERS_LISTED, E.AUDIT_EXPORTS_LISTED),
    *(E.PROFILE_REQUESTED_BY_PARTNER, E.FAMILY_TAKINGS_LISTED),
)
_CREATED = {
    E.SHARING_DECISION_RECORDED: "decision",
    E.SHARING_DECISION_RECORDED_IN_FULL: "decision",
    E.SHARING_DECISION_WRITTEN_DOWN: "decision",
    E.SHARING_DECISION_PROPOSED: "decision",
    E.RECEIPT_ISSUED: "receipt",
    E.STORY_ADDED: "record",
    E.RESTRICTION_PLACED: "restriction",
    E.EXCLUSION_RECORDED: "exclusion",
    E.RELATIONSHIP_MADE: "relationship",
    E.RELATIONSHIP_REQUESTED: "request",
    E.PERSON_JOINED: "join",
    E.PRESENCE_CONFIRMED: "presence",
    E.FAMILY_LET_SEE_GIVEN: "let_see",
    E.FAMILY_PROVIDER_MATCHED: "access",
    E.FAMILY_CONTACT_CHOSEN: "access",
}
_UPDATED = {
    **dict.fromkeys(
        (
            *(E.SHARING_DECISION_WITHDRAWN, E.SHARING_DECISION_WITHDRAWAL_TOLD),
            E.SHARING_DECISION_ENDED,
            *(E.SHARING_DECISION_INVALIDATED, E.SHARING_DECISION_SUPERSEDED),
            *(E.SHARING_DECISION_REINSTATED, E.SHARING_DECISION_CONFIRMED),
            *(E.SHARING_DECISION_SECONDED, E.SHARING_DECISION_LAPSED),
        ),
        "decision",
    ),
    **dict.fromkeys(
        (E.STORY_CORRECTED, E.STORY_CONFIRMED, E.STORY_KEPT, E.SUPPORT_WRITTEN), "record"
    ),
    E.RESTRICTION_CHANGED: "restriction",
    E.RESTRICTION_LIFTED: "restriction",
    E.CONNECTION_CHANGED: "connection",
    E.EXCLUSION_CONFIRMED: "exclusion",
    E.EXCLUSION_ENDED: "exclusion",
    E.RELATIONSHIP_ENDED: "relationship",
    E.PERSON_JOIN_WARRANTED: "join",
    E.PERSON_JOIN_UNDONE: "join",
    E.FAMILY_LET_SEE_STOPPED: "let_see",
    E.FAMILY_CHILD_TAKEN_OFF: "taking",
    E.FAMILY_CHILD_GIVEN_BACK: "taking",
}
_DELETED = {
    E.PROFILE_PURGED: "decision",
    E.PROFILE_SWEPT: None,
    E.KEY_DESTROYED: None,
    E.PERSON_ERASED: "erasure",
}
_BY_PROFILE: Mapping[BalpProfile, Mapping[LedgerEvent, str | None]] = {
    BalpProfile.PATIENT_READ: _READS,
    BalpProfile.PATIENT_QUERY: dict.fromkeys(_QUERIES),
    BalpProfile.PATIENT_CREATE: _CREATED,
    BalpProfile.PATIENT_UPDATE: _UPDATED,
    BalpProfile.PATIENT_DELETE: _DELETED,
    BalpProfile.AUTHZ_CONSENT: {E.ACCESS_EVALUATED: None},
    BalpProfile.DISCLOSURE_SOURCE: {E.PUBLICATION_PERMITTED: "event_id", E.REPORT_MADE: "report"},
}
_PROFILED = {
    event: Followed(profile, data)
    for profile, events in _BY_PROFILE.items()
    for event, data in events.items()
}
_EMERGENCIES = "emergency-access:"
_SIGN_INS = ("practitioner:signed_", "session:", "sign-in:", "provider-logout:", "family:signed_")
_REFUSALS = ("refused", "withheld", "parked", "reached")


def followed_by(event: LedgerEvent, *, has_patient: bool, has_consent: bool) -> Followed:
    """What an entry of this event follows, as it names a patient, and consents, or not."""
    told = _PROFILED.get(event)
    if told is None or told.profile is None:
        return Followed(None, None, _why_not(event))
    if told.profile is BalpProfile.AUTHZ_CONSENT and not has_consent:
        return Followed(None, told.data, NoProfile.NO_CONSENT)
    if has_patient:
        return told
    without = _WITHOUT_PATIENT.get(told.profile)
    return Followed(without, told.data, None if without else NoProfile.NO_PATIENT)


def _why_not(event: LedgerEvent) -> NoProfile:
    if event.endswith(_REFUSALS):
        return NoProfile.REFUSED
    if event.startswith(_EMERGENCIES):
        return NoProfile.EMERGENCY
    if event.startswith(_SIGN_INS):
        return NoProfile.SIGN_IN
    if event in {E.LEDGER_EXPORTED, E.AUDIT_EXPORT_FINISHED}:
        return NoProfile.NO_PATIENT
    return NoProfile.RUNNING


def names_patients(event: LedgerEvent) -> bool:
    """Whether entries of this event may name whom they are about."""
    return not EVENT_FIELDS[event].keys().isdisjoint(PERSON_FIELDS)
