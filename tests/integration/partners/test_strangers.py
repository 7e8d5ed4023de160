"""Whoever may not ask learns nothing: the same bytes, for the same work."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from starlette.testclient import TestClient

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PersonId, PractitionerId
from schemas.records.message import Subject
from schemas.vocabulary import Purpose, Role
from services.interfaces.access.app import EVALUATION, EVALUATIONS, create_access_app
from services.interfaces.access.postgres import MOST_ABOUT_ONE, admit_askers, evaluating
from services.interfaces.partners.ports import Scope
from services.people.practitioners.postgres_directory import PractitionerEntry
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.in_process import AGENCY, InProcess, by_number
from tests.support.one_loop import client_of
from tests.support.partners import NORTHFIELD, OTHER, PUBLIC_URL
from tests.support.partners_database import PartnersOnDatabase, partners_on, the_patient
from tests.support.people.relating import exclude, relate
from tests.support.statements import statements_of

pytestmark = pytest.mark.postgres

STEWARD = PractitionerId("5a" * 16)
NOBODY = "9c" * 16
RELATED = by_number("9990000026", "2022-02-02")
RESTRICTED = by_number("9990000034", "2023-03-03")
EXCLUDED = by_number("9990000050", "2021-04-04")


@dataclass(slots=True)
class _Place:
    """A child unrelated to the visitor, one who is theirs, and one who is restricted."""

    partners: PartnersOnDatabase
    access: TestClient
    unrelated: PersonId
    related: PersonId
    restricted: PersonId
    excluded: PersonId

    def ask(self, person: str, who: str = VISITOR, **more: Any) -> Any:
        question = {
            "subject": {"type": "practitioner", "id": who},
            "action": {"name": "read"},
            "resource": {"type": "child-health", "id": person},
            "context": {"purpose": "direct-care"},
        }
        headers = more.pop("headers", None) or self.partners.token()
        path = EVALUATIONS if "evaluations" in more else EVALUATION
        return self.access.post(path, json=question | more, headers=headers)


@pytest.fixture
def place(outside: Outside) -> Iterator[_Place]:
    """Give the access interface over children of whom everything may be shared."""
    with InProcess.running(outside) as running, partners_on(running) as partners:
        app = create_access_app(
            evaluating(running.portal), admit=admit_askers(running.connectors), base_url=PUBLIC_URL
        )
        subjects = (the_patient(), RELATED, RESTRICTED, EXCLUDED)
        unrelated, related, restricted, excluded = (_decided(running, one) for one in subjects)
        running.restrict(restricted)
        with unit_of_work(running.portal) as work:
            steward = (STEWARD, "A steward", Role.DATA_STEWARD, "Steward", AGENCY, None, None)
            work.directory.save_practitioner(PractitionerEntry(*steward, Purpose.DIRECT_CARE))
            relate(work, VISITOR, related)
            relate(work, VISITOR, restricted)
            relate(work, VISITOR, excluded)
            exclude(work, excluded, VISITOR)
            relate(work, STEWARD, related)
            relate(work, TEACHER, related, RelationshipGround.REFERRAL)
        yield _Place(partners, client_of(app), unrelated, related, restricted, excluded)


def _decided(running: InProcess, subject: Subject) -> PersonId:
    (person,) = running.decide(subject).decision.subjects
    return person


def test_all_strangers_get_the_same_bytes_and_the_ledger_the_true_reasons(place: _Place):
    """Unknown person or practitioner, unrelated, restricted, another role, an agency not theirs."""
    asked = [
        (NOBODY, VISITOR),
        (place.unrelated, VISITOR),
        (place.restricted, VISITOR),
        (place.excluded, VISITOR),
        (place.related, NOBODY),
        (place.related, STEWARD),
        (place.related, TEACHER),
        ("nhs-number:9990000042", VISITOR),
        ("nobody's", VISITOR),
    ]

    answers = [place.ask(*one) for one in asked]

    assert place.ask(place.related).json()["decision"] is True
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert [r["code"] for r in answers[0].json()["context"]["reasons"]] == ["no-right"]
    entries = place.partners.running.ledger(
        LedgerEvent.ACCESS_EVALUATED, LedgerEvent.ACCESS_EVALUATION_REFUSED
    )[: len(asked)]
    assert [e.fields.get("element") or e.fields["reasons"] for e in entries] == [
        "resource.id",
        ("no-relationship",),
        ("restricted",),
        ("no-relationship",),
        "subject.id",
        ("role-opens-no-records",),
        ("not-spoken-for",),
        "resource.id",
        "resource.id",
    ]


def test_the_same_statements_are_executed_whoever_is_asked_about(place: _Place):
    """Nobody learns who is known by waiting; by opaque id, and by number."""
    headers = place.partners.token()
    by_id = [NOBODY, place.unrelated, place.restricted, place.excluded, "nobody's"]
    number = the_patient().identifiers[0].value
    by_number_ = ["nhs-number:9990000042", f"nhs-number:{number}", "nhs-number:9990000034"]
    by_number_.append("nhs-number:9990000050")
    executed = []

    for person in (*by_id, *by_number_):
        with statements_of(place.partners.running.portal) as found:
            place.ask(person, headers=headers)
        executed.append(tuple(found))

    assert len(set(executed[: len(by_id)])) == 1
    assert len(set(executed[len(by_id) :])) == 1


def test_reasons_are_told_to_whom_two_officers_let_have_them(place: _Place):
    """Of somebody whom the practitioner may ask about; each time is entered."""
    place.partners.onboard()
    place.partners.grant_reasons()

    answers = [
        place.ask(person, context={"purpose": "safeguarding"})
        for person in (place.related, place.unrelated, place.excluded)
    ]

    told = [[r["code"] for r in a.json()["context"]["reasons"]] for a in answers]
    assert told == [["no-decision"], ["no-right"], ["no-right"]]
    (entry,) = place.partners.running.ledger(LedgerEvent.ACCESS_EXPLAINED)
    assert (entry.fields["person"], entry.fields["reasons"]) == (place.related, ("no-decision",))


def test_a_partner_without_agencies_is_answered_no_for_everybody(place: _Place):
    """Nothing recorded means no; only where people are invented may it ask for all."""
    place.partners.onboard(OTHER, Scope.ACCESS_EVALUATE, agencies=frozenset())
    headers = place.partners.token(OTHER)

    answer = place.ask(place.related, headers=headers)

    assert answer.json()["decision"] is False


@pytest.mark.parametrize("is_known", [True, False])
def test_who_asks_about_one_person_without_end_is_stopped_and_that_is_entered(
    place: _Place,
    is_known: bool,  # noqa: FBT001
):
    """Whether there is such a person or not; several questions at once count once."""
    person, headers = place.related if is_known else NOBODY, place.partners.token()
    with unit_of_work(place.partners.running.portal) as work:
        key = [NORTHFIELD, person]
        for _ in range(MOST_ABOUT_ONE - 1):
            assert work.limits.take("access-about", key, MOST_ABOUT_ONE)

    last = place.ask(person, headers=headers, evaluations=[{}, {"action": {"name": "exists"}}])
    over = place.ask(person, headers=headers)

    assert (last.status_code, over.status_code) == (200, 429)
    assert place.ask(place.unrelated, headers=headers).status_code == 200
    (entry,) = place.partners.running.ledger(LedgerEvent.LIMIT_REACHED)
    assert (entry.actor, entry.fields["limit"]) == (f"partner:{NORTHFIELD}", "access-about")
