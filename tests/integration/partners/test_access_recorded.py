"""What other systems are told is on the ledger before they are told it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.vocabulary import Category
from services.interfaces.access.app import EVALUATION, EVALUATIONS, create_access_app
from services.interfaces.access.postgres import admit_askers, evaluating
from services.interfaces.partners.ports import Scope
from services.work import Outside, unit_of_work
from tests.support.builders import VISITOR
from tests.support.fakes.in_process import InProcess
from tests.support.one_loop import client_of
from tests.support.partners import NORTHFIELD, OTHER, PUBLIC_URL
from tests.support.partners_database import PartnersOnDatabase, partners_on, the_patient
from tests.support.people.relating import relate
from tests.support.traces.canaries import NAME, found_in

pytestmark = pytest.mark.postgres


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces over the main job on an empty database."""
    with InProcess.running(outside) as running, partners_on(running) as found:
        yield found


@pytest.fixture
def access(partners: PartnersOnDatabase) -> TestClient:
    """Give the access interface beside them, with the portal's rights."""
    running = partners.running
    app = create_access_app(
        evaluating(running.portal), admit=admit_askers(running.connectors), base_url=PUBLIC_URL
    )
    return client_of(app, raise_server_exceptions=False)


def a_question(person: str, **more: Any) -> dict[str, Any]:
    """Ask whether the health visitor may read somebody's health records."""
    return {
        "subject": {"type": "practitioner", "id": VISITOR},
        "action": {"name": "read"},
        "resource": {
            "type": "person",
            "id": person,
            "properties": {"category": ["child-health"]},
        },
        "context": {"purpose": "direct-care"},
    } | more


def known_child(partners: PartnersOnDatabase) -> str:
    """Give a child of whom health may be shared, and with whom the visitor works."""
    decided = partners.running.decide(the_patient(), categories=[Category.CHILD_HEALTH])
    (person,) = decided.decision.subjects
    with unit_of_work(partners.running.portal) as work:
        ground = RelationshipGround.REFERRAL
        relate(work, VISITOR, person, ground)
    return str(person)


def test_a_yes_is_recorded_with_what_it_is_for(partners: PartnersOnDatabase, access: TestClient):
    """Who asked, about whom, for whom, what was permitted and what was not."""
    person = known_child(partners)

    answer = access.post(EVALUATION, json=a_question(person), headers=partners.token())

    assert answer.json()["decision"] is True, answer.text
    (entry,) = partners.running.ledger(LedgerEvent.ACCESS_EVALUATED)
    assert entry.actor == f"partner:{NORTHFIELD}"
    assert entry.fields["person"] == person
    assert entry.fields["practitioner"] == VISITOR
    assert entry.fields["permitted"] == "yes"
    assert entry.fields["categories"] == ("child-health",)
    assert entry.fields["withheld_categories"] == ()
    assert entry.fields["policy_version"] == answer.json()["context"]["policy_version"]
    assert len(entry.fields["decided_from"]) == 1  # type: ignore[arg-type]


def test_what_is_permitted_in_part_is_recorded_as_the_no_that_it_is(
    partners: PartnersOnDatabase, access: TestClient
):
    """With the parts that were named, and those that were not."""
    asked = a_question(known_child(partners))
    asked["resource"]["properties"] = {"category": ["child-health", "education"]}

    answer = access.post(EVALUATION, json=asked, headers=partners.token())

    assert answer.json()["decision"] is False
    assert answer.json()["context"]["obligations"] == [
        {"type": "forbid"},
        {"type": "permit", "category": ["child-health"]},
    ]
    (entry,) = partners.running.ledger(LedgerEvent.ACCESS_EVALUATED)
    assert entry.fields["permitted"] == "no"
    assert entry.fields["categories"] == ("child-health",)
    assert entry.fields["withheld_categories"] == ("education",)


def test_a_no_is_recorded_too(partners: PartnersOnDatabase, access: TestClient):
    """With its reasons."""
    person = known_child(partners)
    asked = a_question(person, context={"purpose": "safeguarding"})

    answer = access.post(EVALUATION, json=asked, headers=partners.token())

    assert answer.json()["decision"] is False
    (entry,) = partners.running.ledger(LedgerEvent.ACCESS_EVALUATED)
    assert (entry.fields["permitted"], entry.fields["categories"]) == ("no", ())
    assert entry.fields["reasons"]


@pytest.mark.parametrize(
    ("asked", "element"),
    [
        (a_question("0" * 32), "resource.id"),
        (a_question(NAME), "resource.id"),
        (a_question("nhs-number:9990000115"), "resource.id"),
        (a_question(f"{NAME}\0"), "resource.id"),
        (a_question("person", subject={"type": "practitioner", "id": "\0"}), "resource.id"),
        (a_question(f"shoe-size:{NAME}"), "resource.id"),
        (a_question("person", subject={"type": NAME, "id": "1"}), "subject.type"),
        (a_question("person", action={"name": NAME}), "action.name"),
        (a_question("person", context={"purpose": NAME}), "context.purpose"),
    ],
    ids=str,
)
def test_a_question_about_nobody_is_recorded_without_what_it_named(
    partners: PartnersOnDatabase, access: TestClient, asked: dict[str, Any], element: str
):
    """Which element was not known, and nothing that stood in it."""
    answer = access.post(EVALUATION, json=asked, headers=partners.token())

    assert (answer.status_code, answer.json()["decision"]) == (200, False)
    (entry,) = partners.running.ledger(LedgerEvent.ACCESS_EVALUATION_REFUSED)
    assert entry.fields["element"] == element
    assert found_in(entry.body.decode() + answer.text) == []


def test_half_a_character_is_no_question(partners: PartnersOnDatabase, access: TestClient):
    """JSON can write it and nothing else can."""
    headers = partners.token() | {"Content-Type": "application/json"}

    answer = access.post(EVALUATION, content=json.dumps(a_question("\ud800")), headers=headers)

    assert answer.status_code == 400


def test_a_batch_is_one_transaction_with_an_entry_for_each_answer(
    partners: PartnersOnDatabase, access: TestClient
):
    """In their order; what stops early is not recorded."""
    person = known_child(partners)
    questions = [{"resource": {"type": "child-health", "id": p}} for p in (person, "0" * 32)]
    batch = a_question(person, evaluations=[*questions, {}])
    stopping = batch | {"options": {"evaluations_semantic": "deny_on_first_deny"}}

    access.post(EVALUATIONS, json=batch, headers=partners.token())
    access.post(EVALUATIONS, json=stopping, headers=partners.token())

    entries = partners.running.ledger(
        LedgerEvent.ACCESS_EVALUATED, LedgerEvent.ACCESS_EVALUATION_REFUSED
    )
    yes, unknown = LedgerEvent.ACCESS_EVALUATED, LedgerEvent.ACCESS_EVALUATION_REFUSED
    assert [entry.event for entry in entries] == [yes, unknown, yes, yes, unknown]


@pytest.mark.parametrize("path", [EVALUATION, EVALUATIONS])
def test_without_a_ledger_nothing_is_decided(
    partners: PartnersOnDatabase, access: TestClient, path: str
):
    """500, and no byte of an answer."""
    person = known_child(partners)
    headers = partners.token()
    partners.running.break_the_ledger()

    answer = access.post(path, json=a_question(person), headers=headers)

    assert answer.status_code == 500
    assert "decision" not in answer.text
    assert person not in answer.text


def test_a_token_for_something_else_may_not_ask(partners: PartnersOnDatabase, access: TestClient):
    """And a partner that was suspended may not either."""
    partners.onboard(OTHER, Scope.EVENTS_SCHOOLS)
    headers = partners.token()
    partners.suspend()

    statuses = [
        access.post(EVALUATION, json=a_question("x"), headers=h).status_code
        for h in ({}, partners.token(OTHER), headers)
    ]

    assert statuses == [401, 403, 401]
    assert partners.running.ledger(LedgerEvent.ACCESS_EVALUATION_REFUSED) == []
