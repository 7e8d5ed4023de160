"""A bundle is validated once, where it is made or comes in from outside."""

from functools import cache
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from schemas.errors import UnreadableMessageError
from schemas.fhir_mapping.systems import Resource


def validated_bundle(bundle: Resource) -> Resource:
    """The same bundle, once every resource in it is known to be valid FHIR R4.

    Each resource is checked by the model of its own type: through the model of Bundle it costs
    two and a half times as much and finds the same, because the entries' shape is our own (a
    test holds it against that model). Raises UnreadableMessageError with the path of the first
    element that is not valid, never a value.
    """
    for index, entry in enumerate(bundle["entry"]):
        resource = entry["resource"]
        try:
            _model(resource["resourceType"]).model_validate(resource)
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            path = ".".join(str(part) for part in first["loc"])
            field = f"Bundle.entry[{index}].{resource['resourceType']}.{path}"
            raise UnreadableMessageError(field=field, reason=first["type"]) from None
    return bundle


@cache
def _model(resource_type: str) -> Any:
    return get_fhir_model_class(resource_type)
