"""Records to FHIR R4 (R4B model) bundles and back. Pure: no network, no clock.

In: records about known persons (`schemas.records.published.PublishedRecord`), or a bundle.
Out: a transaction bundle (`bundles.bundle_from_records`), or the records that were in it
(`bundles.records_from_bundle`): what is written comes back the same.
Rule: which kind of record is which resource is in `bundles.MAPPINGS`; a bundle is held against
FHIR's own models once, where it is made or comes in (`validation.validated_bundle`).
"""

from schemas.fhir_mapping.bundles import (
    RESOURCE_OF_KIND,
    bundle_from_records,
    records_from_bundle,
)
from schemas.fhir_mapping.validation import validated_bundle

__all__ = [
    "RESOURCE_OF_KIND",
    "bundle_from_records",
    "records_from_bundle",
    "validated_bundle",
]
