"""Records to FHIR and back: nothing is lost, and what comes out is FHIR."""

from contextlib import suppress
from dataclasses import replace
from typing import Any, get_args

import orjson
import pytest
from fhir.resources.R4B.bundle import Bundle
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.errors import UnreadableEventError, UnreadableMessageError
from schemas.fhir_mapping import (
    bundle_from_records,
    records_from_bundle,
    validated_bundle,
    validation,
)
from schemas.identifiers import PersonId, RecordKey
from schemas.records.payloads import (
    Occurrence,
    OccurrenceKind,
    Payload,
    PersonDetails,
    Plan,
    StoryEntry,
)
from schemas.records.published import PublishedRecord
from schemas.vocabulary import Action, Category, Label, Source
from tests.support.payload_strategies import PAYLOADS, records, records_of, removals

quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
A_STORY = PublishedRecord(
    RecordKey("ab" * 16),
    Source.FAMILY_HUB,
    Category.STORY,
    (PersonId("c0" * 16),),
    "2026-03-02T09:30:00Z/000000000",
    StoryEntry("Mornings are hard.", "Her mother", "A visitor", "2026-03-02T09:30:00Z"),
)


def test_every_kind_of_payload_is_tried():
    """A new one must be added to the strategies."""
    assert set(PAYLOADS) == set(get_args(Payload))


@pytest.mark.parametrize("payload", PAYLOADS, ids=lambda payload: payload.__name__)
@given(data=st.data())
@quick
def test_a_record_comes_back_as_it_was_and_is_valid_on_its_way(payload: type, data: st.DataObject):
    """Whatever script it is written in, through JSON as on the bus."""
    record = data.draw(records_of(payload))

    bundle = validated_bundle(bundle_from_records([record]))

    assert records_from_bundle(orjson.loads(orjson.dumps(bundle))) == (record,)


@given(removals)
@quick
def test_a_removal_comes_back_as_it_was(removal: PublishedRecord):
    """A tombstone has a key, persons and a version, and nothing else."""
    bundle = validated_bundle(bundle_from_records([removal]))

    assert records_from_bundle(bundle) == (removal,)


@given(st.lists(records, max_size=4))
@quick
def test_a_message_is_one_transaction_in_which_each_record_is_put_at_its_key(
    found: list[PublishedRecord],
):
    """In the order in which the message has them."""
    bundle = validated_bundle(bundle_from_records(found))

    assert bundle["type"] == "transaction"
    assert [entry["request"]["method"] for entry in bundle["entry"]] == ["PUT"] * len(found)
    assert records_from_bundle(bundle) == tuple(found)


def test_the_whole_bundle_is_valid_by_fhir_s_own_model():
    """Resources are checked one by one; the shape around them is held against Bundle here."""
    gone = replace(A_STORY, payload=None, action=Action.REMOVE, labels=frozenset(Label))

    Bundle.model_validate(bundle_from_records([A_STORY, _with(PersonDetails("Wren")), gone]))


@pytest.mark.parametrize(
    "text",
    ["Trust\u00a0East", "two\u2028lines", "全角\u3000空白", "a\x00b", " ", "\n", "👶🏽", "e\u0301"],
    ids=ascii,
)
def test_text_that_people_paste_is_text(text: str):
    """White space of other scripts is no white space in FHIR's patterns (XML Schema)."""
    record = _with(StoryEntry(text, text, text, "2026-03-02T09:30:00Z"))

    assert records_from_bundle(validated_bundle(bundle_from_records([record]))) == (record,)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(StoryEntry("", "a", "b", "2026-03-02T09:30:00Z"), id="nothing said"),
        pytest.param(StoryEntry("a", "b", "c", "yesterday"), id="not a time"),
        pytest.param(StoryEntry("half \ud800", "a", "b", "2026-03-02T09:30:00Z"), id="no text"),
        pytest.param(Occurrence(OccurrenceKind.REVIEW, ""), id="no title"),
        pytest.param(PersonDetails(date_of_birth="2026-02-30"), id="not on the calendar"),
        pytest.param(PersonDetails(date_of_birth="Quillfeather"), id="not a date"),
        pytest.param(Plan("a  plan", "A plan"), id="not a code"),
    ],
)
def test_what_fhir_cannot_say_is_refused_by_path_and_never_by_value(payload: Payload):
    """It parks; the error says where it is wrong."""
    with pytest.raises(UnreadableMessageError) as raised:
        validated_bundle(bundle_from_records([_with(payload)]))

    assert raised.value.field.startswith("Bundle.entry[0].")
    assert "Quillfeather" not in str(raised.value)


def test_a_wrong_version_is_refused():
    """It is checked apart, because it changes with every message."""
    for version in ("yesterday/000000001", "2026-03-02T09:30:00Z/one two", "2026-03-02/1"):
        with pytest.raises(UnreadableMessageError, match=r"meta\."):
            validated_bundle(bundle_from_records([replace(A_STORY, version=version)]))


def test_a_resource_found_wrong_is_found_wrong_again():
    """What is remembered is what was valid."""
    wrong = bundle_from_records([_with(PersonDetails(date_of_birth="never"))])

    for _ in range(2):
        with pytest.raises(UnreadableMessageError):
            validated_bundle(wrong)


doubtful = st.one_of(
    st.text(max_size=6),
    st.from_regex(
        r"\A[0-9]{4}-[01][0-9]-[0-3][0-9](T[0-2][0-9]:[0-6][0-9]:00(Z|[+-][0-2][0-9]:[0-6]0))?\Z"
    ),
    st.sampled_from(["2026-02-30", "2026-01-01T00:00:00+14:30", "a  b", "\u00a0", ""]),
)


@given(st.data(), records)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_remembered_changes_no_verdict(data: st.DataObject, record: PublishedRecord):
    """A resource is valid exactly when FHIR's model says so, whatever was valid before it."""
    resource = bundle_from_records([record])["entry"][0]["resource"]
    holder = data.draw(st.sampled_from(_objects(resource)))
    name = data.draw(st.sampled_from(sorted(holder)))
    if isinstance(holder[name], str) and name not in {"resourceType", "lastUpdated", "versionId"}:
        holder[name] = data.draw(doubtful)

    try:
        validated_bundle({"entry": [{"resource": resource}]})
    except UnreadableMessageError:
        accepted = False
    else:
        accepted = True

    assert accepted == (validation._fault_by_model(_with_plain_spaces(resource)) is None)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(json_values)
@quick
def test_any_other_document_is_an_unreadable_event(document: Any):
    """What is on the bus and not of our form parks; it never crashes its reader."""
    with suppress(UnreadableEventError):
        assert records_from_bundle(document) == ()


@given(st.data(), records, json_values)
@quick
def test_a_bundle_with_a_piece_changed_is_an_unreadable_event_or_another_record(
    data: st.DataObject, record: PublishedRecord, instead: Any
):
    """Whichever piece it is, gone or replaced; the error names no value."""
    bundle = bundle_from_records([record])
    holder = data.draw(st.sampled_from(_objects(bundle)))
    name = data.draw(st.sampled_from(sorted(holder)))
    holder[name] = instead
    if data.draw(st.booleans()):
        del holder[name]

    with suppress(UnreadableEventError):
        records_from_bundle(bundle)


def _with(payload: Payload) -> PublishedRecord:
    return replace(A_STORY, payload=payload)


def _with_plain_spaces(resource: dict[str, Any]) -> dict[str, Any]:
    """What FHIR's patterns take for letters, as letters: see `validation`."""
    text = orjson.dumps(resource).decode().translate(validation._NOT_SPACES_IN_FHIR)
    return orjson.loads(text)


def _objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(o for inner in value.values() for o in _objects(inner))] if value else []
    if isinstance(value, list):
        return [o for inner in value for o in _objects(inner)]
    return []
