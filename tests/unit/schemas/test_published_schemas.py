"""What is published of the bus is what the models say."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.envelope import EventType
from schemas.fhir_mapping import RESOURCE_OF_KIND, bundle_from_records
from schemas.publishing import (
    EVENTS_OF_TOPIC,
    FAMILY_OPENAPI,
    OPENAPI,
    PUBLISHED,
    TEMPLATES,
    bundle_schema,
    documents,
    headers_schema,
    write,
    yaml_lines,
)
from schemas.records.published import PublishedRecord
from schemas.topics import TOPICS
from tests.support.payload_strategies import records
from tests.unit.schemas.test_envelope import AN_EVENT


def test_the_published_files_are_those_that_the_models_make():
    """Write them anew after a change: python -m schemas.publishing."""
    beside = {OPENAPI, FAMILY_OPENAPI, *TEMPLATES}
    files = [path for path in PUBLISHED.iterdir() if path.name not in beside]
    published = {path.name: path.read_text() for path in files}

    assert published == documents()


def test_writing_takes_away_what_is_published_no_longer(tmp_path: Path):
    """A schema of a type that is gone would mislead."""
    (tmp_path / "tellonce.forgotten.v1.json").write_text("{}")

    write(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == set(documents())


def test_every_topic_has_its_events_and_every_event_its_topic():
    """Nothing is published that no document names."""
    assert set(EVENTS_OF_TOPIC) == {topic.name for topic in TOPICS}
    assert {kind for kinds in EVENTS_OF_TOPIC.values() for kind in kinds} == set(EventType)


def test_the_headers_of_an_event_fit_their_schema():
    """The schema says what `Event.headers` writes."""
    assert (
        _faults(
            headers_schema(AN_EVENT.type),
            {**dict(AN_EVENT.headers()), "content-type": "application/json"},
        )
        == []
    )


@given(st.lists(records, min_size=1, max_size=3))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_bundle_fits_its_schema(found: list[PublishedRecord]):
    """Keys, tags and kinds of whatever is written."""
    bundle = json.loads(json.dumps(bundle_from_records(found)))

    assert _faults(bundle_schema(), bundle) == []


def test_another_kind_or_category_does_not_fit():
    """The check above can fail."""
    schema = bundle_schema()
    entry = {"resource": {"resourceType": "Patient", "id": "0" * 32, "meta": {}}, "request": {}}

    assert _faults(schema, {"resourceType": "Bundle", "type": "transaction", "entry": [entry]})
    assert _faults(schema, {"resourceType": "Bundle", "type": "batch", "entry": []})
    assert len(RESOURCE_OF_KIND) == len(schema["properties"]["entry"]["items"]["oneOf"])


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ({"a": 1, "b": ["x", {"c": True}]}, ['"a": 1', '"b":', '  - "x"', "  -", '    "c": true']),
        ({"a": {}, "b": []}, ['"a": {}', '"b": []']),
        ({"a": "no: # comment"}, ['"a": "no: # comment"']),
    ],
)
def test_yaml_is_written_in_blocks(value: Any, lines: list[str]):
    """Just enough of YAML for one document; scalars are JSON."""
    assert list(yaml_lines(value)) == lines


def _faults(schema: Any, value: Any, path: str = "$") -> list[str]:
    """What of `value` does not fit: the few words of JSON Schema that we use."""
    found = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{path}: const")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{path}: enum")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        found.append(f"{path}: pattern")
    if "oneOf" in schema and sum(not _faults(one, value) for one in schema["oneOf"]) != 1:
        found.append(f"{path}: oneOf")
    found += [f"{path}.{name}: missing" for name in schema.get("required", []) if name not in value]
    for name, inner in schema.get("properties", {}).items():
        if name in value:
            found += _faults(inner, value[name], f"{path}.{name}")
    if "items" in schema:
        for index, item in enumerate(value):
            found += _faults(schema["items"], item, f"{path}[{index}]")
    return found
