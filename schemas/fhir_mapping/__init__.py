"""Records to FHIR R4 (R4B model) bundles and back. Pure: no network, no clock."""

from schemas.fhir_mapping.bundles import (
    RESOURCE_OF_KIND,
    bundle_from_records,
    entry_without_scopes,
    records_from_bundle,
)
from schemas.fhir_mapping.validation import validated_bundle

__all__ = [
    "RESOURCE_OF_KIND",
    "bundle_from_records",
    "entry_without_scopes",
    "records_from_bundle",
    "validated_bundle",
]
