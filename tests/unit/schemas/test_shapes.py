"""Resources of one shape are valid or invalid together, so one of them speaks for all."""

from copy import deepcopy
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.fhir_mapping import bundle_from_records
from schemas.fhir_mapping.validation import shape_digest
from schemas.records.published import PublishedRecord
from tests.support.payload_strategies import records

_TELLING = (
    *("plain text", " a", "a ", "two  spaces", "", "\t", "text", "day", "=day", "home", "final"),
    *("2026-02-28", "2026-02-30", "2026-13-01", "0000", "1900-01-01"),
    *("2026-02-28T10:00:00Z", "2026-02-28T25:00:00Z", "2026-02-28T10:00:00"),
    *("ab" * 16, "Patient/" + "cd" * 16, "Patient/x y"),
)
_LEAVES = st.one_of(st.sampled_from(_TELLING), st.text(max_size=12))
_found: dict[bytes, bool] = {}


@given(records, st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_equal_shapes_are_valid_or_invalid_together(record: PublishedRecord, data: st.DataObject):
    """Values are replaced anywhere, by better and worse ones; the models judge each resource."""
    resource = bundle_from_records([record])["entry"][0]["resource"]
    places = _texts_in(resource)
    for place in data.draw(st.lists(st.sampled_from(places), max_size=3)):
        _put(resource, place, data.draw(_LEAVES))

    verdict = _is_valid(resource)

    assert _found.setdefault(shape_digest(resource), verdict) == verdict


def test_a_day_that_is_on_no_calendar_has_a_shape_of_its_own():
    """Form alone would let it pass."""
    day, none = ({"resourceType": "Patient", "birthDate": d} for d in ("2026-02-28", "2026-02-30"))

    assert shape_digest(day) != shape_digest(none)


def test_a_value_cannot_pretend_to_be_a_form():
    """What is written out as it is begins with a sign, and no form does."""
    for pretended in ("day", "=day", "moment"):
        day, other = (
            {"resourceType": "Patient", "birthDate": d} for d in ("2026-02-28", pretended)
        )

        assert shape_digest(day) != shape_digest(other)


def _texts_in(resource: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(resource, str):
        return [] if path == ("resourceType",) else [path]
    items: Any = ()
    if isinstance(resource, dict):
        items = resource.items()
    elif isinstance(resource, list):
        items = enumerate(resource)
    return [place for key, value in items for place in _texts_in(value, (*path, key))]


def _put(resource: Any, path: tuple[Any, ...], value: str) -> None:
    for key in path[:-1]:
        resource = resource[key]
    resource[path[-1]] = value


def _is_valid(resource: dict[str, Any]) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(deepcopy(resource))
    except ValidationError:
        return False
    return True
