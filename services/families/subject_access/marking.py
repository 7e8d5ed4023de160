"""Marks on what is not all there: that something was taken out, and why."""

from collections.abc import Sequence

from schemas.fhir_mapping.systems import Resource, extension
from services.families.subject_access.held import Withheld

_OBSERVATION_VALUE = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
_REDACTED = {"system": _OBSERVATION_VALUE, "code": "REDACTED"}
_PART = "urn:tell-once:extension:part-withheld"


def marked(
    resource: Resource, reasons: Sequence[Withheld], *, more: Sequence[Resource] = ()
) -> Resource:
    """The resource with why it is withheld, and as redacted if it is or a part of it."""
    said = [extension("withheld", kind="Code", value=reason.value) for reason in reasons]
    extensions = [*resource.get("extension", []), *more, *said]
    whole = resource | ({"extension": extensions} if extensions else {})
    if not said and not any(one["url"] == _PART for one in more):
        return whole
    meta = whole.get("meta", {})
    return whole | {"meta": meta | {"security": [*meta.get("security", []), _REDACTED]}}
