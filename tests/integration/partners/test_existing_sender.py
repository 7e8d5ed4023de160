"""An authority's own sender and a real PostgreSQL: from its token to the family's profile."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from consent.lawfulness import Basis
from schemas.identifiers import PersonId
from schemas.records.payloads import Plan
from services.interfaces.partners.ports import Pace, Scope
from services.work import Outside
from tests.support.builders import SOCIAL_WORKER
from tests.support.fakes.in_process import InProcess
from tests.support.messages.csc import a_child, a_child_details, an_episode
from tests.support.messages.csc_sender import Configuration, CscSender
from tests.support.partners import NORTHFIELD
from tests.support.partners_database import PartnersOnDatabase, by_upn, partners_on

pytestmark = pytest.mark.postgres

UPN = "T999200119011"
PLAN = {"child_protection_plan_id": "P-1", "start_date": "2026-05-20", "purge": False}


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces on an empty database."""
    with InProcess.running(outside) as running, partners_on(running) as found:
        yield found


@pytest.fixture
def sender(partners: PartnersOnDatabase) -> CscSender:
    """Give a sender that was told its new addresses."""
    secret = partners.onboard(
        NORTHFIELD, Scope.EVENTS_SOCIAL_CARE, la_code="999", pace=Pace(100.0, 100)
    )
    return CscSender(
        partners.http,
        Configuration(
            token_endpoint="/oauth/token",
            api_endpoint="/partners/csc",
            client_id=NORTHFIELD,
            client_secret=secret,
            scope="events:social-care",
            la_code="999",
            supplier_key="6736ad89",
            batch_size=2,
        ),
    )


def test_what_is_permitted_reaches_the_profile_and_the_rest_stays_with_its_sender(
    partners: PartnersOnDatabase, sender: CscSender
):
    """Every child has its receipt; of one of whom nothing is decided nothing is kept."""
    (person,) = partners.running.decide(by_upn(UPN)).decision.subjects
    unknown = [a_child(la_child_id=f"NC-{n}", child_details={"surname": "N"}) for n in range(4)]

    sender.run([_the_child(child_protection_plans=[PLAN]), *unknown])
    partners.running.settle()

    assert len(sender.sent) == 5
    assert _plans(partners, person) == [("2026-05-20", None)]
    assert partners.running.count("person") == 1
    assert partners.running.count("holding_health_visiting.held_message") == 0


def test_only_what_changed_and_a_purge_reach_what_was_sent_before(
    partners: PartnersOnDatabase, sender: CscSender
):
    """As a sender that compares writes them: the end of a plan alone, then the child."""
    (person,) = partners.running.decide(by_upn(UPN)).decision.subjects
    ended = {"child_protection_plan_id": "P-1", "end_date": "2026-10-02", "purge": False}
    changed = {"social_care_episode_id": "EP-1", "child_protection_plans": [ended], "purge": False}

    _run(sender, partners, _the_child(child_protection_plans=[PLAN]))
    _run(sender, partners, {"la_child_id": "NC-1001", "social_care_episodes": [changed]})
    assert _plans(partners, person) == [("2026-05-20", "2026-10-02")]

    _run(sender, partners, {"la_child_id": "NC-1001", "mis_child_id": "M-1", "purge": True})
    assert partners.running.stored(person) == []
    assert partners.running.count("case_load") == 0


def test_a_batch_of_another_shape_leaves_nothing(partners: PartnersOnDatabase, sender: CscSender):
    """Not of the children beside it either; sent again when mended it comes in once."""
    person = _permitted(partners)

    sender.run([_the_child(), a_child(la_child_id="NC-2", child_details=[])])
    partners.running.settle()
    assert sender.failed == {"NC-1001": "400 batch failed", "NC-2": "400 at fault"}
    assert partners.running.stored(person) == []
    assert partners.running.count("message_outcome") == 0
    assert partners.running.count("parked") == 0

    sender.run([_the_child(), a_child(la_child_id="NC-2", child_details={})])
    partners.running.settle()
    assert sender.failed == {}
    assert len(partners.running.stored(person)) == 4


def test_a_wrong_date_costs_its_part_and_no_other_child(
    partners: PartnersOnDatabase, sender: CscSender
):
    """The sender has its success; the part waits, and is answered when it comes again."""
    person = _permitted(partners)
    bad = a_child(la_child_id="NC-2", child_details={"date_of_birth": "soon"})

    sender.run([_the_child(), bad])
    partners.running.settle()
    assert sender.failed == {}
    assert len(partners.running.stored(person)) == 4
    assert partners.running.count("parked") == 1

    _run(sender, partners, a_child(la_child_id="NC-2", child_details={}))
    assert len(partners.running.stored(person)) == 4


def _permitted(partners: PartnersOnDatabase) -> PersonId:
    task = {"basis": Basis.PUBLIC_TASK, "decided_by": SOCIAL_WORKER}
    (person,) = partners.running.decide(by_upn(UPN), **task).decision.subjects
    return person


def _run(sender: CscSender, partners: PartnersOnDatabase, payload: dict[str, Any]) -> None:
    sender.run([payload])
    assert sender.failed == {}
    partners.running.settle()
    partners.pass_by(timedelta(hours=1))


def _the_child(**parts: Any) -> dict[str, Any]:
    details = a_child_details(unique_pupil_number=UPN, date_of_birth="2019-03-05")
    return a_child(child_details=details, social_care_episodes=[an_episode(**parts)])


def _plans(partners: PartnersOnDatabase, person: Any) -> list[tuple[str | None, str | None]]:
    stored = (record.payload for record in partners.running.stored(person))
    return [(p.period.start, p.period.end) for p in stored if isinstance(p, Plan)]
