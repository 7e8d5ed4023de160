"""What a FHIR Consent can be refused for."""

from consent.errors import DecisionInvalidError


class ConsentElementError(DecisionInvalidError):
    """A document is no FHIR R4 Consent, or cannot be expressed; names the element and why."""
