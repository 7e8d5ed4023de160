"""A vendor sends what would be sent, is told what could not be read, and leaves nothing behind."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response

from schemas.vocabulary import Source
from services.interfaces.partners.ports import Scope
from services.work import Outside
from tests.support.fakes.in_process import InProcess
from tests.support.messages.cloud_events import an_event
from tests.support.messages.csc import a_child, a_child_details, an_episode, csc
from tests.support.partners import NORTHFIELD
from tests.support.partners_database import PartnersOnDatabase

pytestmark = pytest.mark.postgres

_TABLES = ("ledger_entry", "parked", "partner_disposition", "outbox", "person", "withheld_token")


@pytest.fixture
def partners(outside: Outside) -> Iterator[PartnersOnDatabase]:
    """Give the interfaces over an empty database."""
    with InProcess.running(outside) as running:
        yield PartnersOnDatabase.over(running)


def _checked(partners: PartnersOnDatabase, *events: dict[str, Any], **how: Any) -> Response:
    headers = how.get("headers") or partners.token()
    kind = {"Content-Type": "application/cloudevents-batch+json"}
    body = json.dumps(events)
    return partners.http.post("/partners/v1/checks", content=body, headers=headers | kind)


def _children(*children: dict[str, Any]) -> dict[str, Any]:
    return an_event(csc(*children), Source.SOCIAL_CARE)


def test_each_fault_is_told_with_what_it_costs_and_what_to_do(
    partners: PartnersOnDatabase,
) -> None:
    """By name; what stands there is never said again."""
    wrong = an_episode(referral_date="the day after Zebedee")
    good, bad = a_child(), a_child(social_care_episodes=[wrong])

    answer = _checked(partners, _children(good), _children(bad))

    told = answer.json()["messages"]
    assert answer.status_code == 200
    assert [one["event"] for one in told if one["is_readable"] and not one["faults"]] == [0, 1]
    (fault,) = [fault for one in told for fault in one["faults"]]
    assert (fault["costs"], fault["reason"]) == ("part", "not-a-date")
    assert fault["field"].endswith("referral_date")
    assert fault["remedy"].startswith("Put it right in your system")
    assert "Zebedee" not in answer.text


def test_nothing_of_it_is_kept(partners: PartnersOnDatabase) -> None:
    """No person, no disposition, nothing parked, no entry: it was never sent."""
    headers = partners.token()
    before = {name: partners.running.count(name) for name in _TABLES}

    _checked(partners, _children(a_child(child_details=a_child_details())), headers=headers)

    assert {name: partners.running.count(name) for name in _TABLES} == before


def test_it_is_for_what_the_token_is_for(partners: PartnersOnDatabase) -> None:
    """Who may not send a source may not try it out either."""
    partners.onboard(NORTHFIELD, Scope.EVENTS_SCHOOLS)

    refused = _checked(partners, _children(a_child()))

    assert refused.status_code == 403
