"""AuthZEN questions answered from what is on record."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest

from consent import OnRecord, Practitioner
from schemas.identifiers import PersonId, PractitionerId
from schemas.vocabulary import Category, Purpose, Source
from services.interfaces.access.authzen import EvaluationResponse, request_from
from services.interfaces.access.on_record import QuestionOnRecord, evaluate_on_record
from tests.support.builders import (
    CHILD,
    NOW,
    VISITOR,
    a_duty,
    a_health_visitor,
    a_permit,
    a_refusal,
    a_restriction,
    on_record,
)


@dataclass
class RecordsOfOneChild:
    """Keeps services.interfaces.access.on_record.AccessRecords: one child, one health visitor."""

    found: OnRecord = field(default_factory=on_record)
    practitioner: Practitioner = field(default_factory=a_health_visitor)

    def person(self, text: str) -> PersonId | None:
        """Find the child by its id."""
        return CHILD if text == CHILD else None

    def known(
        self, person: PersonId, practitioner: PractitionerId, purpose: Purpose, *, at: datetime
    ) -> QuestionOnRecord | None:
        """Find what is on record about the child."""
        del purpose, at
        known = QuestionOnRecord(self.practitioner, {person: self.found})
        return known if practitioner == self.practitioner.id else None


def ask(found: OnRecord, **more: Any) -> EvaluationResponse:
    """Ask: by default the health visitor, to read the child's health records."""
    request: dict[str, Any] = {
        "subject": {"type": "practitioner", "id": VISITOR},
        "action": {"name": "read"},
        "resource": {
            "type": "person",
            "id": CHILD,
            "properties": {"category": "child-health", "source": "health-visiting"},
        },
        "context": {"purpose": "direct-care"},
    }
    records = RecordsOfOneChild(found)
    return evaluate_on_record(request_from(request | more), records=records, at=NOW)


def codes(answer: EvaluationResponse) -> list[str]:
    """Give the codes of the reasons."""
    return [reason["code"] for reason in answer.context["reasons"]]


def test_what_decide_permits_is_permitted_with_its_reason():
    """The same rules as every page."""
    answer = ask(on_record(a_permit()))

    assert (answer.decision, codes(answer)) == (True, ["consent"])
    assert answer.context["policy_version"].startswith("rules-")
    assert answer.context["obligations"] == []


def test_nothing_on_record_is_a_no():
    """Trivially false."""
    answer = ask(on_record())

    assert (answer.decision, codes(answer)) == (False, ["no-decision"])


def test_a_category_may_be_the_type_of_the_resource():
    """Its id is the person."""
    answer = ask(on_record(a_permit()), resource={"type": "child-health", "id": CHILD})

    assert answer.decision


def test_without_a_category_each_is_asked_about():
    """Yes to some is yes, with the others as obligations."""
    answer = ask(on_record(a_permit()), resource={"type": "person", "id": CHILD})

    forbidden = [rule["category"][0] for rule in answer.context["obligations"]]
    assert answer.decision
    assert set(forbidden) == set(Category) - {Category.CHILD_HEALTH}


def test_without_a_source_each_is_asked_about():
    """What only some sources may show is forbidden of the others."""
    permit = a_permit(sources=[Source.SCHOOLS])
    resource = {"type": "child-health", "id": CHILD}

    answer = ask(on_record(permit), resource=resource)

    (rule,) = answer.context["obligations"]
    assert rule["category"] == ["child-health"]
    assert set(rule["source"]) == set(Source) - {Source.SCHOOLS}


def test_to_know_that_something_exists_is_a_mode_of_its_own():
    """A permission to read is one to know."""
    answer = ask(on_record(a_permit()), action={"name": "exists"})

    assert answer.decision
    assert answer.context["mode"] == "existence"


def test_a_duty_is_shown_as_what_will_be_reviewed():
    """Rule 4."""
    answer = ask(on_record(a_duty(), a_refusal()), context={"purpose": "safeguarding"})

    assert (answer.decision, codes(answer)) == (True, ["duty"])
    assert answer.context["obligations"] == [{"type": "review"}]


def test_a_restriction_stands_above_it():
    """Rule 2."""
    answer = ask(on_record(a_permit(), a_restriction()))

    assert (answer.decision, codes(answer)) == (False, ["restricted"])


@pytest.mark.parametrize(
    ("more", "element"),
    [
        ({"subject": {"type": "robot", "id": VISITOR}}, "subject.type"),
        ({"subject": {"type": "practitioner", "id": "b9" * 16}}, "subject.id"),
        ({"action": {"name": "juggle"}}, "action.name"),
        ({"resource": {"type": "parcel", "id": CHILD}}, "resource.type"),
        ({"resource": {"type": "person", "id": "c9" * 16}}, "resource.id"),
        ({"context": {}}, "context.purpose"),
        ({"context": {"purpose": "curiosity"}}, "context.purpose"),
        ({"context": {"purpose": ["direct-care", "safeguarding"]}}, "context.purpose"),
        (
            {"resource": {"type": "person", "id": CHILD, "properties": {"category": "secrets"}}},
            "resource.properties.category",
        ),
        (
            {"resource": {"type": "person", "id": CHILD, "properties": {"labels": ["secret"]}}},
            "resource.properties.labels",
        ),
    ],
)
def test_a_name_that_is_not_known_is_a_no(more: dict[str, Any], element: str):
    """Rule 1; the element is named, never its value."""
    answer = ask(on_record(a_permit()), **more)

    assert (answer.decision, codes(answer)) == (False, ["unreadable-request"])
    assert f"({element})" in answer.context["reasons"][0]["text"]


def test_the_time_of_the_request_is_not_taken():
    """What was withdrawn since must not be read as it was."""
    withdrawn = a_permit(withdrawn_at=NOW)
    context = {"purpose": "direct-care", "time": "2000-01-01T00:00:00Z"}

    assert codes(ask(on_record(withdrawn), context=context)) == ["withdrawn"]
