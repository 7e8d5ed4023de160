"""What reading a family gives, as the published OpenAPI document tells it."""

from typing import Any

from pydantic import TypeAdapter

from services.aggregation.profile import Profile
from services.families.media_types import MediaType
from services.families.representing import MOMENT
from services.partners.problem_details import PROBLEM

_Schema = dict[str, Any]
_NAME = "FamilyProfile"
_PROBLEM = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_BUNDLE: _Schema = {
    "type": "object",
    "required": ["resourceType", "type", "entry"],
    "properties": {
        "resourceType": {"const": "Bundle"},
        "type": {"const": "searchset"},
        "entry": {"type": "array", "items": {"type": "object"}},
    },
    "description": "HL7 FHIR R4: Patient, RelatedPerson, Group, CareTeam, Observation, CarePlan, "
    "Communication, Provenance, and an OperationOutcome that says how the sources stand.",
}
_TAG: _Schema = {
    "ETag": {"schema": {"type": "string"}, "description": "Strong: it stands for these bytes."},
    "Cache-Control": {"schema": {"type": "string"}},
}


def family_schemas() -> _Schema:
    """For the document's components: the profile, and what it is made of."""
    schema = TypeAdapter(Profile).json_schema(
        mode="serialization", ref_template="#/components/schemas/{model}"
    )
    definitions: _Schema = schema.pop("$defs")
    schema["properties"].pop(MOMENT)
    schema["required"].remove(MOMENT)
    return definitions | {_NAME: schema}


FAMILY_ANSWERS: dict[int | str, _Schema] = {
    200: {
        "description": "The family as this practitioner may see it now. The look is on record.",
        "headers": _TAG,
        "content": {
            MediaType.JSON.value: {"schema": {"$ref": f"#/components/schemas/{_NAME}"}},
            MediaType.FHIR.value: {"schema": _BUNDLE},
        },
    },
    304: {
        "description": "What you have is what they may see. The look is on record all the same.",
        "headers": _TAG,
    },
    403: {
        "description": "The token is not for this or names nobody for whom you may speak; or the "
        "family is not shown to this practitioner, `errors` says why in codes.",
        "content": _PROBLEM,
    },
    406: {"description": "Neither form is one that you take", "content": _PROBLEM},
}
"""The answers of reading a family, by status."""
