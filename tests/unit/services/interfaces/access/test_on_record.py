"""AuthZEN questions answered from what is on record."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import pytest

from consent import OnRecord, Practitioner, Reason
from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId
from schemas.vocabulary import Category, Role, Source
from services.interfaces.access.asked import Asked
from services.interfaces.access.authzen import EvaluationResponse, request_from
from services.interfaces.access.on_record import (
    AskedFor,
    QuestionOnRecord,
    evaluate_and_record,
)
from tests.support.builders import (
    CHILD,
    NOW,
    VISITOR,
    a_duty,
    a_health_visitor,
    a_permit,
    a_refusal,
    a_relationship,
    a_restriction,
    on_record,
)
from tests.support.fakes.fake_ledger import FakeLedger

NOBODY = PersonId("0" * 32)


@dataclass
class RecordsOfOneChild:
    """Keeps services.interfaces.access.on_record.AccessRecords: one child, one health visitor."""

    found: OnRecord = field(default_factory=on_record)
    practitioner: Practitioner = field(default_factory=a_health_visitor)
    why_closed: tuple[Reason, ...] = ()

    def known(self, asked: Asked, *, at: datetime) -> QuestionOnRecord:
        """Find what is on record about the child, and who names nobody."""
        del at
        named = (("resource.id", asked.person, CHILD), ("subject.id", asked.practitioner, VISITOR))
        unknown = [element for element, typed, known in named if typed != known]
        person = NOBODY if "resource.id" in unknown else CHILD
        found = self.found if person == CHILD else OnRecord(agreements=self.found.agreements)
        known = {person: found}
        return QuestionOnRecord(person, self.practitioner, known, unknown, self.why_closed)


OF_HEALTH = {"category": "child-health", "source": "health-visiting"}


def about(kind: str = "person", **properties: Any) -> dict[str, Any]:
    """Give a resource: the child, or a category of theirs."""
    return {"type": kind, "id": CHILD, "properties": properties}


def ask(
    found: OnRecord,
    *,
    ledger: FakeLedger | None = None,
    why: bool = False,
    closed: tuple[Reason, ...] = (),
    who: Practitioner | None = None,
    **more: Any,
) -> EvaluationResponse:
    """Ask: by default the health visitor, to read the child's health records."""
    request: dict[str, Any] = {
        "subject": {"type": "practitioner", "id": VISITOR},
        "action": {"name": "read"},
        "resource": about(**OF_HEALTH),
        "context": {"purpose": "direct-care"},
    }
    return evaluate_and_record(
        request_from(request | more),
        records=RecordsOfOneChild(found, who or a_health_visitor(), closed),
        ledger=FakeLedger() if ledger is None else ledger,
        at=NOW,
        asking=AskedFor("partner:gateway", NOW, is_told_why=why),
    )


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
    """Trivially false; why is told only to whom that is granted."""
    assert (ask(on_record()).decision, codes(ask(on_record()))) == (False, ["no-right"])
    assert codes(ask(on_record(), why=True)) == ["no-decision"]


def test_a_category_may_be_the_type_of_the_resource():
    """Its id is the person."""
    assert ask(on_record(a_permit()), resource=about("child-health")).decision


@pytest.mark.parametrize(
    ("permit", "resource", "part"),
    [
        (
            a_permit(),
            about(category=["child-health", "education"]),
            {"type": "permit", "category": ["child-health"]},
        ),
        (
            a_permit(sources=[Source.SCHOOLS]),
            about("child-health"),
            {"type": "permit", "category": ["child-health"], "source": ["schools"]},
        ),
        (
            a_permit(sources=[Source.SCHOOLS]),
            about(category="child-health", source=["schools", "health-visiting"]),
            {"type": "permit", "category": ["child-health"], "source": ["schools"]},
        ),
    ],
    ids=["categories", "every source", "sources"],
)
def test_what_is_permitted_in_part_is_a_no_with_the_part_named(
    permit: Any, resource: dict[str, Any], part: dict[str, Any]
):
    """Rule 8: who asks for the part alone gets a yes."""
    whole = ask(on_record(permit), resource=resource)
    alone = about(**{name: part[name] for name in ("category", "source") if name in part})

    assert (whole.decision, codes(whole)) == (False, ["permitted-in-part"])
    assert whole.context["obligations"] == [{"type": "forbid"}, part]
    assert ask(on_record(permit), resource=alone).decision


def test_every_source_is_asked_about_where_none_is_named():
    """Yes to all of them is a yes without a word more."""
    answer = ask(on_record(a_permit()), resource=about("child-health"))

    assert (answer.decision, answer.context["obligations"]) == (True, [])


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


def test_all_who_may_not_ask_are_told_the_same():
    """Unknown, unrelated, restricted, in another role, of an agency not spoken for: one answer."""
    found = on_record(a_permit())
    stranger = {"type": "person", "id": "c9" * 16, "properties": OF_HEALTH}
    answers = [
        ask(on_record(), why=True, resource=stranger),
        ask(found, why=True, resource=stranger),
        ask(found, why=True, resource=stranger | {"id": "nobody's"}),
        ask(found, why=True, subject={"type": "practitioner", "id": "b9" * 16}),
        ask(found, why=True, closed=(Reason.NO_RELATIONSHIP,), who=a_health_visitor()),
        ask(found, why=True, closed=(Reason.ROLE_OPENS_NO_RECORDS,)),
        ask(found, why=True, closed=(Reason.NOT_SPOKEN_FOR,)),
        ask(on_record(a_permit(), a_restriction()), why=True, closed=(Reason.RESTRICTED,)),
        ask(on_record(a_permit(), a_restriction()), why=True),
        ask(on_record(a_refusal())),
    ]

    assert len({answer.model_dump_json() for answer in answers}) == 1
    assert (answers[0].decision, codes(answers[0])) == (False, ["no-right"])


@pytest.mark.parametrize(
    ("found", "reasons"),
    [
        (on_record(a_permit(), a_restriction()), frozenset({"restricted"})),
        (on_record(a_refusal()), frozenset({"refused"})),
    ],
)
def test_the_ledger_keeps_what_is_not_told(found: OnRecord, reasons: frozenset[str]):
    """The true reasons, whoever asked."""
    ledger = FakeLedger()

    ask(found, ledger=ledger)

    (entry,) = ledger.appended
    assert (entry.event, entry.fields["reasons"]) == (LedgerEvent.ACCESS_EVALUATED, reasons)


def test_reasons_are_told_to_whom_it_was_granted_and_each_time_is_entered():
    """Their effect; a yes needs no such right, and a stranger's no is no use of it."""
    ledger = FakeLedger()

    answer = ask(on_record(a_refusal()), why=True, ledger=ledger)
    ask(on_record(a_permit()), why=True, ledger=ledger)
    ask(on_record(), why=True, closed=(Reason.NO_RELATIONSHIP,), ledger=ledger)

    assert codes(answer) == ["refused"]
    explained = [e for e in ledger.appended if e.event is LedgerEvent.ACCESS_EXPLAINED]
    assert [entry.fields["reasons"] for entry in explained] == [{"refused"}]


def test_a_relationship_that_reaches_so_far_opens_no_more():
    """Cover is for whom to ring and safety; the rest is as for a stranger."""
    cover = a_health_visitor(replace(a_relationship(), ground=RelationshipGround.COVER))
    everything = on_record(a_permit(category=tuple(Category)))

    ring = ask(everything, who=cover, resource=about("practitioners"))
    health = ask(everything, who=cover, why=True)

    assert ring.decision
    assert (health.decision, codes(health)) == (False, ["no-right"])


@pytest.mark.parametrize(
    "role", [r for r in Role if r.value not in {"practitioner", "lead-practitioner"}]
)
def test_decide_denies_a_role_that_opens_no_records_itself(role: Role):
    """Rule 0, though whoever reads the records should ever let it by."""
    who = Practitioner(VISITOR, role, Source.HEALTH_VISITING, (a_relationship(),))

    assert not ask(on_record(a_permit()), who=who).decision


@pytest.mark.parametrize(
    ("more", "element"),
    [
        ({"subject": {"type": "robot", "id": VISITOR}}, "subject.type"),
        ({"action": {"name": "juggle"}}, "action.name"),
        ({"resource": {"type": "parcel", "id": CHILD}}, "resource.type"),
        ({"resource": about() | {"id": "nhs-number:9990000019"}}, "resource.id"),
        ({"resource": about() | {"id": "shoe-size:7"}}, "resource.id"),
        ({"context": {}}, "context.purpose"),
        ({"context": {"purpose": "curiosity"}}, "context.purpose"),
        ({"context": {"purpose": None}}, "context.purpose"),
        ({"context": {"purpose": ["direct-care", "safeguarding"]}}, "context.purpose"),
        ({"resource": about()}, "resource.properties.category"),
        ({"resource": about(category="secrets")}, "resource.properties.category"),
        ({"resource": about(category=[])}, "resource.properties.category"),
        ({"resource": about(category=None)}, "resource.properties.category"),
        ({"resource": about(category="")}, "resource.properties.category"),
        ({"resource": about(category=["child-health", None])}, "resource.properties.category"),
        ({"resource": about(category={"code": "child-health"})}, "resource.properties.category"),
        ({"resource": about("education", category="child-health")}, "resource.properties.category"),
        ({"resource": about(categories=["child-health"])}, "resource.properties.*"),
        ({"resource": about(category="child-health", classes=["x"])}, "resource.properties.*"),
        ({"resource": about(category="story", Category="education")}, "resource.properties.*"),
        ({"resource": about(category="child-health", source=None)}, "resource.properties.source"),
        ({"resource": about(category="child-health", source=[])}, "resource.properties.source"),
        ({"resource": about(category="story", labels=["secret"])}, "resource.properties.labels"),
        ({"resource": about(category="story", labels=None)}, "resource.properties.labels"),
        ({"resource": about(**OF_HEALTH) | {"owner": "x"}}, "resource.*"),
        ({"subject": {"type": "practitioner", "id": VISITOR, "role": "x"}}, "subject.*"),
        (
            {"subject": {"type": "practitioner", "id": VISITOR, "properties": {"role": "x"}}},
            "subject.properties.*",
        ),
        ({"action": {"name": "read", "properties": {"mode": "x"}}}, "action.properties.*"),
        ({"context": {"purpose": "direct-care", "time": "2000-01-01T00:00:00Z"}}, "context.*"),
        ({"when": "yesterday"}, "*"),
    ],
    ids=str,
)
def test_what_is_typed_wrongly_is_no_question(more: dict[str, Any], element: str):
    """Rule 0; the element is named, never its value, and nobody is looked up."""
    ledger = FakeLedger()

    answer = ask(on_record(a_permit()), ledger=ledger, **more)

    assert (answer.decision, codes(answer)) == (False, ["unreadable-request"])
    assert f"({element})" in answer.context["reasons"][0]["text"]
    (entry,) = ledger.appended
    assert entry.event is LedgerEvent.ACCESS_EVALUATION_REFUSED
    assert entry.fields["element"] == element


def test_an_empty_list_of_labels_says_that_there_are_none():
    """It takes nothing away from the question."""
    assert ask(on_record(a_permit()), resource=about(**OF_HEALTH, labels=[])).decision
