"""A bundle is validated once, where it is made or comes in from outside."""

from fhir.resources.R4B.bundle import Bundle
from pydantic import ValidationError

from schemas.errors import UnreadableMessageError
from schemas.fhir_mapping.systems import Resource


def validated_bundle(bundle: Resource) -> Resource:
    """The same bundle, once it is known to be valid FHIR R4.

    Raises UnreadableMessageError with the path of the first element that is not, never a value.
    """
    try:
        Bundle.model_validate(bundle)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        path = ".".join(str(part) for part in first["loc"])
        raise UnreadableMessageError(field=f"Bundle.{path}", reason=first["type"]) from None
    return bundle
