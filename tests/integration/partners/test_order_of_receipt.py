"""What a source says without a date holds in the order in which it was taken, for each child."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from schemas.identifiers import PersonId
from schemas.records.payloads import Plan
from schemas.vocabulary import Source
from services.interfaces.partners.ports import Scope
from services.interfaces.partners.push.postgres import EVENTS_KEPT_FOR
from services.work import Outside
from services.workers.rebuild import Origin
from tests.support.checkout import ROOT
from tests.support.fakes.in_process import InProcess
from tests.support.messages.cloud_events import an_event
from tests.support.messages.csc import a_child, a_child_details, an_episode, csc
from tests.support.partners import NORTHFIELD, OTHER
from tests.support.partners_database import PartnersOnDatabase, by_upn, dispositions_of, partners_on
from tests.support.partners_served import served
from tests.support.rebuilding import rebuilt, rows_of

pytestmark = pytest.mark.postgres

UPN, SISTERS = "T999200119011", "Y999200116021"
ENDED = "2026-10-02"
MINUTE = timedelta(minutes=1)

Told = list[dict[str, Any]]


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the partner interfaces on an empty database."""
    with InProcess.running(outside) as running, partners_on(running) as found:
        yield found


@pytest.fixture
def child(partners: PartnersOnDatabase) -> PersonId:
    """Give a child of whom everything may be shared."""
    (found,) = partners.running.decide(by_upn(UPN)).decision.subjects
    return found


def said(end: str | None, number: str = "NC-1001", upn: str = UPN) -> dict[str, Any]:
    """What an authority says of a child: a plan, until when."""
    plan = {"child_protection_plan_id": "P-1", "start_date": "2026-05-20", "end_date": end}
    details = a_child_details(unique_pupil_number=upn, postcode=None)
    return a_child(
        la_child_id=number,
        child_details=details,
        social_care_episodes=[an_episode(child_protection_plans=[plan])],
    )


OPEN, OVER = said(None), said(ENDED)


def send(partners: PartnersOnDatabase, *children: dict[str, Any], name: Any = NORTHFIELD) -> Told:
    """Push children as authorities' senders do; give what became of each."""
    before = len(partners.get("dispositions", name=name)["dispositions"])
    answer = partners.http.post(
        "/partners/csc/children_social_care_data/999/children",
        json=list(children),
        headers=partners.token(name),
    )
    assert answer.status_code == 200, answer.text
    told: Told = partners.get("dispositions", name=name)["dispositions"][before:]
    return told


def became(told: Told) -> list[str]:
    """What became of each."""
    return [one["disposition"] for one in told]


def plan_ends(partners: PartnersOnDatabase, person: PersonId) -> list[str | None]:
    """Until when the child's plans are said to last."""
    partners.running.settle()
    payloads = (record.payload for record in partners.running.stored(person))
    ends = [p.period.end for p in payloads if isinstance(p, Plan) and p.period.end]
    return list(ends) or [None]


def test_plan_that_is_opened_again_within_the_hour_is_open(
    partners: PartnersOnDatabase, child: PersonId
):
    """Whatever the clock says: in one moment, or put back in between; built anew it is the same."""
    partners.pass_by(10 * MINUTE)
    assert became(send(partners, OPEN)) == ["published"]

    for pause in (timedelta(0), -MINUTE, 5 * MINUTE):
        for what, end in ((OVER, ENDED), (OPEN, None)):
            partners.pass_by(pause)
            assert became(send(partners, what)) == ["published"]
            assert plan_ends(partners, child) == [end]

    before = rows_of(partners.running)
    assert rebuilt(partners.running, Origin.BUS).compared.is_identical
    assert rows_of(partners.running) == before


def test_body_that_comes_again_for_want_of_an_answer_is_a_duplicate(
    partners: PartnersOnDatabase, child: PersonId
):
    """Also over the full hour, and though something was said before it."""
    send(partners, OVER)
    partners.pass_by(45 * MINUTE)
    first = send(partners, OPEN)
    partners.pass_by(45 * MINUTE)
    again = send(partners, OPEN)

    assert became(again) == ["duplicate"]
    assert again[0]["receipt"] == first[0]["receipt"]
    assert plan_ends(partners, child) == [None]


def test_of_a_batch_that_comes_again_only_what_was_overtaken_is_news(
    partners: PartnersOnDatabase, child: PersonId
):
    """The other child's is the same message; by another system of the authority too."""
    partners.running.decide(by_upn(SISTERS))
    sister = said(None, "NC-1002", SISTERS)
    send(partners, OPEN, sister)
    partners.pass_by(MINUTE)
    send(partners, OVER)
    partners.pass_by(MINUTE)

    assert became(send(partners, OPEN, sister)) == ["published", "duplicate"]
    assert plan_ends(partners, child) == [None]
    assert became(send(partners, OVER, name=OTHER)) == ["published"]
    assert became(send(partners, OPEN)) == ["published"]
    assert plan_ends(partners, child) == [None]


def test_in_one_body_the_last_said_of_a_child_holds(partners: PartnersOnDatabase, child: PersonId):
    """Though it is what was said first."""
    assert became(send(partners, OPEN, OVER, OPEN)) == ["published"] * 3
    assert plan_ends(partners, child) == [None]
    assert became(send(partners, OPEN, OVER, OPEN))[-1] in {"duplicate", "published"}
    assert plan_ends(partners, child) == [None]


def test_senders_at_one_time_come_one_after_the_other(
    partners: PartnersOnDatabase, child: PersonId
):
    """The same body from several is one message and some duplicates; two bodies are in an order."""
    headers = partners.token()
    path = "/partners/csc/children_social_care_data/999/children"

    def post(what: dict[str, Any]) -> int:
        return partners.http.post(path, json=[what], headers=headers).status_code

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(post, [OPEN] * 4)) == {200}
    told = partners.get("dispositions")["dispositions"]
    assert sorted(became(told)) == ["duplicate"] * 3 + ["published"]

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(post, [OVER, OPEN, OVER, OPEN])) == {200}
    versions = _versions(partners)
    assert len(set(versions)) == len(versions)
    send(partners, OVER)
    assert plan_ends(partners, child) == [ENDED]


def test_withheld_and_asked_for_again_it_is_no_newer_than_it_was(partners: PartnersOnDatabase):
    """What was said after it stands."""
    assert became(send(partners, OPEN)) == ["withheld"]
    partners.pass_by(MINUTE)
    (over,) = send(partners, OVER)
    partners.pass_by(MINUTE)
    send(partners, OPEN)
    partners.pass_by(2 * 60 * MINUTE)
    (person,) = partners.running.decide(by_upn(UPN)).decision.subjects
    partners.running.settle()
    asked = {one["receipt"] for one in partners.get("resend")["messages"]}

    assert len(asked) == 3
    for what in (OPEN, OPEN, OVER):
        assert became(send(partners, what))[0] in {"published", "duplicate"}
    assert over["receipt"] in asked
    assert plan_ends(partners, person) == [None]


def test_what_was_withheld_and_not_asked_for_is_news_after_something_else(
    partners: PartnersOnDatabase,
):
    """It waits under a receipt of its own."""
    (first,) = send(partners, OPEN)
    partners.pass_by(MINUTE)
    send(partners, OVER)
    partners.pass_by(MINUTE)
    (again,) = send(partners, OPEN)

    assert again["disposition"] == "withheld"
    assert again["receipt"] != first["receipt"]


def _versions(partners: PartnersOnDatabase) -> list[str]:
    with partners.running.outside.engine.connect() as connection:
        rows = connection.execute(text("SELECT version FROM message_outcome"))
        return [row.version for row in rows]


def _events(what: dict[str, Any], *ids: str, **more: Any) -> list[dict[str, Any]]:
    return [an_event(csc(what), Source.SOCIAL_CARE, id=name, **more) for name in ids]


@pytest.mark.parametrize("time", [None, "2026-01-20T00:00:00Z"])
def test_another_event_with_the_same_data_is_news_after_something_else(
    partners: PartnersOnDatabase, child: PersonId, time: str | None
):
    """Also where its sender dates all of a day alike; the same event is the same message."""
    more = {} if time is None else {"time": time}
    first, second, third = (
        *_events(OPEN, "1", **more),
        *_events(OVER, "2", **more),
        *_events(OPEN, "3", **more),
    )

    assert [dispositions_of(partners.push(event)) for event in (first, second, third)] == [
        ["published"]
    ] * 3
    assert plan_ends(partners, child) == [None]
    partners.pass_by(EVENTS_KEPT_FOR / 2)
    for event in (second, first, third):
        assert dispositions_of(partners.push(event)) == ["duplicate"]
    assert plan_ends(partners, child) == [None]


CASE = ROOT.parent / "shared/cases/social-care/11-csc-same-body-within-the-hour.py"


@pytest.mark.enable_socket
@pytest.mark.skipif(not CASE.exists(), reason="the shared cases are not beside this checkout")
def test_plan_of_the_shared_case_is_open_after_its_third_push(partners: PartnersOnDatabase):
    """Told over a socket, as it stands."""
    child = by_upn("H999100230003", "2013-04-03")
    (person,) = partners.running.decide(child).decision.subjects
    partners.onboard(NORTHFIELD, Scope.EVENTS_SOCIAL_CARE, Scope.DISPOSITIONS_READ, la_code="999")

    with served(partners) as address:
        command = [sys.executable, CASE, address, NORTHFIELD, partners.secrets[NORTHFIELD]]
        run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)

    assert run.stdout.count(" 200 ") == 3, run.stdout
    told = partners.get("dispositions")["dispositions"]
    assert became(told) == ["published"] * 3
    assert plan_ends(partners, person) == [None]
