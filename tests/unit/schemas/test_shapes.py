"""What fits the types of what we publish is valid FHIR by FHIR's own models."""

from copy import deepcopy
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.fhir_mapping import bundle_from_records
from schemas.fhir_mapping.shapes import are_as_we_publish
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import Address, ContactDetails, PersonDetails
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Category, Source
from tests.support.payload_strategies import records

_TELLING = (
    *("plain text", " a", "a ", "two  spaces", "", "\t", "text", "day", "=day", "home", "final"),
    *("2026-02-28", "2026-02-30", "2026-13-01", "0000", "1900-01-01", "2024-02-29", "2026"),
    *(
        "2026-02-28T10:00:00Z",
        "2026-02-28T25:00:00Z",
        "2026-02-28T10:00:00",
        "2026-02-31T10:00:00Z",
    ),
    *(
        "ab" * 16,
        "Patient/" + "cd" * 16,
        "Patient/x y",
        "\u00a0",
        "\u2028",
        "\x7f",
        "a\nb",
        '"',
        "\\",
    ),
)
_LEAVES = st.one_of(st.sampled_from(_TELLING), st.text(max_size=12), st.integers(), st.booleans())
_THEM = PersonId("c0" * 16)


@given(records, st.data())
@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_fits_is_valid_by_the_models(record: PublishedRecord, data: st.DataObject):
    """Values are replaced anywhere, by better and worse ones; elements are left out or doubled."""
    resource = bundle_from_records([record])["entry"][0]["resource"]
    for place in data.draw(st.lists(st.sampled_from(_places_in(resource)), max_size=3)):
        _change(resource, place, data)

    if are_as_we_publish([resource]):
        assert _is_valid(resource)


@pytest.mark.parametrize("name", ["Smith", "O'Brien-Żółć", "Müller van der Berg", "陳", "Оксана"])
def test_what_is_mostly_published_fits(name: str):
    """Whatever script it is written in: else each would be shown to the models."""
    details = PersonDetails(name, (name, "Ann"), date_of_birth="2020-02-28", sex="female")
    contact = ContactDetails((Address(("1 High Street", name), "ZZ99 3WZ"),), ())

    found = bundle_from_records([_record(details), _record(contact)])["entry"]

    assert are_as_we_publish([entry["resource"] for entry in found])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("birthDate", "2026-02-30"),
        ("gender", "girl"),
        ("unknownElement", "x"),
        ("deceasedBoolean", True),
        ("name", [{"family": "two  spaces"}]),
        ("extension", [{"url": "urn:x", "valueString": "a", "valueCode": "b"}]),
    ],
)
def test_what_is_not_ours_to_say_does_not_fit(name: str, value: Any):
    """A day on no calendar, a code of nobody, an element of nobody's, two values of one choice."""
    (entry,) = bundle_from_records([_record(PersonDetails("Smith", died="2026-01-01"))])["entry"]

    assert not are_as_we_publish([entry["resource"] | {name: value}])


def _record(payload: PersonDetails | ContactDetails) -> PublishedRecord:
    version = "2026-03-02T09:30:00Z/000000000"
    category, source = Category.IDENTITY_AND_CONTACT, Source.HEALTH_VISITING
    return PublishedRecord(RecordKey("ab" * 16), source, category, (_THEM,), version, payload)


def _places_in(resource: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items: Any = ()
    if isinstance(resource, dict):
        items = resource.items()
    elif isinstance(resource, list):
        items = enumerate(resource)
    inside = [place for key, value in items for place in _places_in(value, (*path, key))]
    is_ours = path in {(), ("resourceType",), ("meta",), ("meta", "profile")}
    return inside if is_ours else [path, *inside]


def _change(resource: Any, path: tuple[Any, ...], data: st.DataObject) -> None:
    try:
        for key in path[:-1]:
            resource = resource[key]
        if isinstance(resource, list):
            resource[path[-1]] = data.draw(_LEAVES)
        elif path[-1] in resource and data.draw(st.booleans()):
            del resource[path[-1]]
        elif path[-1] in resource:
            resource[path[-1]] = data.draw(_LEAVES)
    except (IndexError, KeyError, TypeError):
        return  # an earlier change has taken away what is above it


def _is_valid(resource: dict[str, Any]) -> bool:
    try:
        get_fhir_model_class(resource["resourceType"]).model_validate(deepcopy(resource))
    except ValidationError:
        return False
    return True
