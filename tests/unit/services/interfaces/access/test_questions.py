"""AuthZEN requests as questions to consents: whatever they are spelt like."""

from datetime import UTC, datetime
from typing import Any

import pytest

from consent.fhir import Question
from consent.fhir.question import ConsentAction
from consent.fhir.vocabulary import (
    ACT_CODE,
    ACT_REASON,
    CONFIDENTIALITY,
    OWN_CATEGORY,
    OWN_PURPOSE,
    RESOURCE_TYPES,
    UNKNOWN_SYSTEM,
    Code,
)
from consent.model import Mode
from services.interfaces.access.authzen import RequestUnreadableError, request_from
from services.interfaces.access.questions import question_from
from tests.support.authzen import an_evaluation

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TREAT, BREAK_GLASS = Code(ACT_REASON, "TREAT"), Code(ACT_REASON, "BTG")


def asked(**more: Any) -> Question:
    """Give the question that a request asks."""
    return question_from(request_from(an_evaluation(**more)), now=NOW)


def described(**properties: Any) -> Any:
    """Give what a request about such data says of it."""
    return asked(resource={"type": "record", "id": "1", "properties": properties}).data


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        ({"purpose": "TREAT"}, {TREAT}),
        ({"purpose": "treatment"}, {TREAT}),
        ({"purposeOfUse": ["TREAT"]}, {TREAT}),
        ({"purpose_of_use": {"coding": [{"system": ACT_REASON, "code": "TREAT"}]}}, {TREAT}),
        ({"purpose": "http://terminology.hl7.org/CodeSystem/v3-ActReason|TREAT"}, {TREAT}),
        ({"pou": f"{ACT_REASON}#TREAT"}, {TREAT}),
        ({"purpose": {"system": "urn:oid:2.16.840.1.113883.5.8", "code": "TREAT"}}, {TREAT}),
        ({"purpose": "break-glass"}, {BREAK_GLASS}),
        ({"purpose": "TREAT", "breakGlass": True}, {BREAK_GLASS}),
        ({"purpose": "direct-care"}, {Code(OWN_PURPOSE, "direct-care")}),
        ({"purpose": "FooBar"}, {Code(UNKNOWN_SYSTEM, "FooBar")}),
        ({"purpose": "http://example.org/p|FooBar"}, {Code("http://example.org/p", "FooBar")}),
        ({"purpose": None}, set()),
        ({}, set()),
    ],
)
def test_a_purpose_is_found_however_it_is_written(context: dict[str, Any], expected: set[Code]):
    """As a code, a word, a Coding or a CodeableConcept."""
    assert asked(context=context).purposes == expected


@pytest.mark.parametrize("place", ["action", "subject", "resource"])
def test_a_purpose_may_stand_with_anything_else(place: str):
    """The context comes first, then what is done, who asks, and what for."""
    request = an_evaluation(context={})
    request[place] = {**request[place], "properties": {"purpose": "research"}}

    assert asked(**request).purposes == {Code(ACT_REASON, "HRESCH")}


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        ({"type": "Practitioner", "id": "17"}, "Practitioner/17"),
        ({"type": "practitioner", "id": "Practitioner/17"}, "Practitioner/17"),
        ({"type": "user", "id": "17"}, "Practitioner/17"),
        ({"type": "user", "id": "x", "properties": {"practitioner": "17"}}, "Practitioner/17"),
        ({"type": "user", "id": "x", "properties": {"organization": "o"}}, "Organization/o"),
        (
            {"type": "user", "id": "x", "properties": {"member_of": ["Group/g"]}},
            "Group/g",
        ),
        (
            {
                "type": "user",
                "id": "x",
                "properties": {"identifier": {"system": "s", "value": "v"}},
            },
            "s|v",
        ),
        (
            {"type": "user", "id": "x", "properties": {"reference": "Organization/o/_history/2"}},
            "Organization/o",
        ),
        (
            {"type": "practitioner", "id": "x", "properties": {"agency": "schools"}},
            "urn:tell-once:agency|schools",
        ),
    ],
)
def test_who_asks_is_found_by_every_name(subject: dict[str, Any], name: str):
    """Their own, and those of whom they are with."""
    assert name in asked(subject=subject).actors


def test_who_belongs_to_a_group_is_the_group_too():
    """And to a group of groups."""
    members = [("Group/a", "Practitioner/me"), ("Group/b", "Group/a"), ("Group/c", "Group/d")]
    request = request_from(an_evaluation())

    question = question_from(request, now=NOW, members=members)

    assert {"Group/a", "Group/b"} <= question.actors
    assert "Group/c" not in question.actors


def test_a_bare_id_never_means_an_organisation():
    """A person does not come by an organisation's permission through its id."""
    assert "Organization/17" not in asked(subject={"type": "user", "id": "17"}).actors


@pytest.mark.parametrize(
    "resource",
    [
        {"type": "Patient", "id": "p9"},
        {"type": "record", "id": "r", "properties": {"patient": "p9"}},
        {"type": "Observation", "id": "o", "properties": {"subject": {"reference": "Patient/p9"}}},
    ],
)
def test_whom_it_is_about_is_found(resource: dict[str, Any]):
    """A resource that is a patient, or the patient that it names."""
    assert "Patient/p9" in asked(resource=resource).patients


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"labels": ["N"]}, {Code(CONFIDENTIALITY, "N")}),
        ({"confidentiality": "restricted"}, {Code(CONFIDENTIALITY, "R")}),
        (
            {"confidentiality": "R", "sensitivity": ["PSY"]},
            {Code(CONFIDENTIALITY, "R"), Code(ACT_CODE, "PSY")},
        ),
        ({"securityLabel": [{"system": ACT_CODE, "code": "ETH"}]}, {Code(ACT_CODE, "ETH")}),
        ({"meta": {"security": [{"code": "V"}]}}, {Code(CONFIDENTIALITY, "V")}),
        ({"labels": []}, set()),
    ],
)
def test_labels_are_found_however_they_are_written(properties: Any, expected: set[Code]):
    """An empty list says that there is none."""
    assert described(**properties).labels == expected


def test_of_data_that_is_not_described_nothing_is_known():
    """Not said is not none."""
    data = described()

    assert (data.labels, data.classes, data.codes, data.period) == (None, None, None, None)
    assert (data.instance, data.related, data.authors, data.custodians) == (None, None, None, None)


def test_a_piece_of_data_is_known_by_its_type_and_id():
    """Whereas a patient is a whole record."""
    data = asked(resource={"type": "Observation", "id": "o1"}).data

    assert data.classes == {Code(RESOURCE_TYPES, "Observation")}
    assert data.instance is not None
    assert "Observation/o1" in data.instance
    assert asked().data.instance is None


def test_a_category_of_ours_is_a_category():
    """Of others only a code of a known system says anything."""
    ours = described(category="child-health")

    assert ours.categories == {Code(OWN_CATEGORY, "child-health")}
    assert described(category="laboratory").classes is None


@pytest.mark.parametrize(
    ("name", "actions", "mode"),
    [
        ("read", {ConsentAction.ACCESS, ConsentAction.DISCLOSE}, Mode.CONTENT),
        ("can_read", {ConsentAction.ACCESS, ConsentAction.DISCLOSE}, Mode.CONTENT),
        ("exists", {ConsentAction.ACCESS, ConsentAction.DISCLOSE}, Mode.EXISTENCE),
        ("update", {ConsentAction.CORRECT}, Mode.CONTENT),
        ("juggle", set(), Mode.CONTENT),
    ],
)
def test_an_action_is_known_by_its_name(name: str, actions: set[ConsentAction], mode: Mode):
    """One that is not known is none that a consent could name."""
    question = asked(action={"name": name})

    assert (question.actions, question.mode) == (actions, mode)


def test_the_time_is_the_callers_then_the_contexts_then_now():
    """With --at a past day is replayed."""
    past, given = datetime(2020, 1, 1, tzinfo=UTC), datetime(2021, 1, 1, tzinfo=UTC)
    request = request_from(an_evaluation(context={"time": "2020-01-01T00:00:00Z"}))

    assert question_from(request, now=NOW, at=given).at == given
    assert question_from(request, now=NOW).at == past
    assert asked().at == NOW


@pytest.mark.parametrize(
    "more",
    [
        {"context": {"time": "noon"}},
        {"resource": {"type": "Observation", "id": "o", "properties": {"date": "soon"}}},
    ],
)
def test_a_time_that_is_none_is_refused(more: dict[str, Any]):
    """Never passed over, and its value never told."""
    with pytest.raises(RequestUnreadableError) as refused:
        asked(**more)

    assert "noon" not in str(refused.value)
    assert "soon" not in str(refused.value)
