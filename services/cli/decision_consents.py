"""A sharing decision on the command line as FHIR R4 Consents."""

from typing import Any

from consent.fhir_consent import consents_from_decision
from consent.model import SharingDecision
from services.settings import Settings

_ORGANIZATION = "Organization/council"
_NO_NOTICE = "urn:tell-once:privacy-notice"


def fhir_document(decision: SharingDecision, settings: Settings) -> dict[str, Any]:
    """The Consent that the decision is, or a Bundle where it is several.

    Raises ConsentElementError naming the element that cannot hold what was decided.
    """
    consents = consents_from_decision(
        decision, organization=_ORGANIZATION, policy_uri=settings.privacy_notice or _NO_NOTICE
    )
    if len(consents) == 1:
        return consents[0]
    entries = [{"resource": consent} for consent in consents]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}
