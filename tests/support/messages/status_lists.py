"""FHIR's own lists of status codes, and a page of what is said with one of them."""

from tests.support.messages.as_shown import Shown, shown
from tests.support.messages.nems_bundles import Resource, bundle, organisation, patient

# FHIR STU3 and R4, the required value set of each status element; both versions together where
# they differ. A code that either version has must be read.
_EVENT = "preparation in-progress suspended aborted completed not-done on-hold stopped"
_REQUEST = "draft active suspended on-hold cancelled revoked completed"
LISTS = {
    "Appointment": (
        "proposed pending booked arrived fulfilled cancelled noshow entered-in-error "
        "checked-in waitlist"
    ),
    "CarePlan": f"{_REQUEST} entered-in-error unknown",
    "CareTeam": "proposed active suspended inactive entered-in-error",
    "Communication": f"{_EVENT} entered-in-error unknown",
    "Encounter": (
        "planned arrived triaged in-progress onleave finished cancelled entered-in-error unknown"
    ),
    "EpisodeOfCare": "planned waitlist active onhold finished cancelled entered-in-error",
    "Flag": "active inactive entered-in-error",
    "Immunization": "completed entered-in-error not-done",
    "Location": "active suspended inactive",
    "Observation": (
        "registered preliminary final amended corrected cancelled entered-in-error unknown"
    ),
    "Procedure": f"{_EVENT} entered-in-error unknown",
    "QuestionnaireResponse": "in-progress completed amended entered-in-error stopped",
    "ReferralRequest": f"{_REQUEST} entered-in-error unknown",
    "ServiceRequest": f"{_REQUEST} entered-in-error unknown",
}
NOT_A_CODE = "somehow"


def page_of(event: str, *resources: Resource) -> Shown | None:
    """What is shown, or None where the message takes back what it is about."""
    page = shown(bundle(event, *resources, patient(), organisation()))
    return page if page.profile.timeline or page.profile.practitioners else None
