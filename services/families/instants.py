"""Moments as FHIR writes them."""

from datetime import datetime


def instant(moment: datetime) -> str:
    """An aware UTC time as an instant (HL7 FHIR R4 section 2.24.0.1)."""
    return moment.isoformat().replace("+00:00", "Z")
