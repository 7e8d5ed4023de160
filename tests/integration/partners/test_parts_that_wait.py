"""One wrong date in a push: the rest is taken, and the part is told whole once it is right."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import text

from schemas.identifiers import PersonId
from schemas.records.payloads import Plan
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.messages.csc import a_child, a_child_details, an_episode
from tests.support.partners import NORTHFIELD
from tests.support.partners_database import PartnersOnDatabase, by_upn, partners_on

pytestmark = pytest.mark.postgres

UPN = "T999200119011"
WRONG = {"child_protection_plan_id": "P-1", "start_date": "2026-07-01", "end_date": "2026-06-30"}


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces on an empty database."""
    with InProcess.running(outside) as running, partners_on(running) as found:
        yield found


def send(partners: PartnersOnDatabase, child: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Push a child; give what became of it and of each part of it."""
    before = len(partners.get("dispositions", name=NORTHFIELD)["dispositions"])
    answer = partners.http.post(
        "/partners/csc/children_social_care_data/999/children",
        json=[child],
        headers=partners.token(NORTHFIELD),
    )
    assert answer.status_code == 200, answer.text
    assert len(answer.json()) == 1
    told = partners.get("dispositions", name=NORTHFIELD)["dispositions"][before:]
    return [(one["disposition"], one["field"]) for one in told]


def only(**item: Any) -> dict[str, Any]:
    """A difference that tells of the plan alone."""
    plan = {"child_protection_plan_id": "P-1", "purge": False, **item}
    episode = {"social_care_episode_id": "EP-1", "purge": False, "child_protection_plans": [plan]}
    return {"la_child_id": "NC-1001", "social_care_episodes": [episode]}


def plans(partners: PartnersOnDatabase, person: PersonId) -> list[tuple[str | None, str | None]]:
    """From when until when the child's plans are said to be, beginnings and ends."""
    partners.running.settle()
    payloads = (record.payload for record in partners.running.stored(person))
    return sorted(
        ((p.period.start, p.period.end) for p in payloads if isinstance(p, Plan)), key=str
    )


def unanswered(partners: PartnersOnDatabase) -> int:
    """How many parked parts are still told of."""
    with partners.running.outside.engine.connect() as connection:
        count = connection.execute(
            text("SELECT count(DISTINCT ref) FROM parked_about WHERE answered_at IS NULL")
        ).scalar_one()
    return int(count)


FIELD = "social_care_episodes.child_protection_plans.end_date"
CHILD = a_child(
    child_details=a_child_details(unique_pupil_number=UPN, postcode=None),
    social_care_episodes=[an_episode(child_protection_plans=[WRONG])],
)


def test_a_difference_that_corrects_the_date_tells_the_plan_that_waited(
    partners: PartnersOnDatabase,
):
    """What waited has been said again, so it completes nothing after that."""
    (person,) = partners.running.decide(by_upn(UPN)).decision.subjects

    assert send(partners, CHILD) == [("published", None), ("parked", FIELD)]
    assert plans(partners, person) == []
    assert unanswered(partners) == 1

    assert send(partners, only(start_date="2026-06-01")) == [("published", None)]
    assert plans(partners, person) == [("2026-06-01", "2026-06-30")]
    assert unanswered(partners) == 0

    assert send(partners, only(end_date="2026-08-30")) == [("published", None)]
    assert plans(partners, person) == [("2026-06-01", "2026-08-30")]


def test_what_waits_of_an_episode_goes_when_the_episode_is_taken_back(
    partners: PartnersOnDatabase,
):
    """Nothing of it is laid under what is sent of the same plan later."""
    (person,) = partners.running.decide(by_upn(UPN)).decision.subjects
    send(partners, CHILD)
    purged = {"social_care_episode_id": "EP-1", "purge": True}

    send(partners, {"la_child_id": "NC-1001", "social_care_episodes": [purged]})
    assert unanswered(partners) == 0

    send(partners, only(end_date="2026-08-30"))
    assert plans(partners, person) == [(None, "2026-08-30")]
