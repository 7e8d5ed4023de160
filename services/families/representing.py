"""A profile as the bytes of an answer: the same profile gives the same bytes.

The moment at which it was read is left out of both forms, because it is not of the family: the
answer's `Date` says it. So an entity tag can stand for the bytes (RFC 9110 section 8.8.1).
"""

from typing import Any, assert_never

import orjson

from services.aggregation.profile import Profile
from services.families.fhir_bundle import bundle_from_profile
from services.families.media_types import MediaType

MOMENT = "as_of"


def represented(profile: Profile, form: MediaType) -> bytes:
    """The profile in this form."""
    match form:
        case MediaType.JSON:
            return orjson.dumps(document_from_profile(profile))
        case MediaType.FHIR:
            return orjson.dumps(bundle_from_profile(profile))
        case _:
            assert_never(form)


def document_from_profile(profile: Profile) -> dict[str, Any]:
    """Field for field: codes as text, times as ISO 8601."""
    document: dict[str, Any] = orjson.loads(orjson.dumps(profile, default=_in_order))
    del document[MOMENT]
    return document


def _in_order(value: object) -> list[str]:
    """Marks have no order of their own, and one content has one spelling."""
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"{type(value).__name__} is no part of a profile")
