"""Nobody comes in without a token that holds for what they ask."""

from datetime import timedelta

import pytest

from services.interfaces.partners.edge import TOKEN_LASTS
from services.interfaces.partners.ports import Pace, Scope
from tests.support.partners import NORTHFIELD, OTHER, PartnerClient, a_partner

PATH = "/partners/v1/dispositions"


@pytest.fixture
def client() -> PartnerClient:
    """Give the interfaces over partners in memory."""
    return PartnerClient()


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer unknown", "Basic dG9rZW4=", "token", "x" * 9999],
)
def test_without_a_token_nothing_is_told(client: PartnerClient, header: str | None):
    """401 as Problem Details, with the challenge of RFC 6750."""
    headers = {} if header is None else {"Authorization": header}

    answer = client.http.get(PATH, headers=headers)

    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.json()["type"] == "urn:tell-once:problem:not-authenticated"


def test_a_token_opens_what_it_is_for(client: PartnerClient):
    """And nothing is kept on the way."""
    answer = client.get(PATH, headers=client.token(Scope.DISPOSITIONS_READ))

    assert answer.status_code == 200
    assert answer.json() == {"dispositions": [], "next": None}


def test_a_token_for_something_else_does_not(client: PartnerClient):
    """403 names the scope that lacks."""
    answer = client.get(PATH, headers=client.token(Scope.EVENTS_SCHOOLS))

    assert answer.status_code == 403
    assert "dispositions:read" in answer.json()["detail"]


def test_a_scope_that_was_taken_away_is_gone_from_tokens_too(client: PartnerClient):
    """What a partner may do is asked at every request."""
    headers = client.token(Scope.DISPOSITIONS_READ)
    known = client.partners.state.credentials[NORTHFIELD]
    client.partners.enter(type(known)(a_partner(NORTHFIELD, Scope.EVENTS_SCHOOLS)))

    assert client.get(PATH, headers=headers).status_code == 403


def test_a_token_ends(client: PartnerClient):
    """After a quarter of an hour."""
    headers = client.token()
    client.partners.clock.pass_by(TOKEN_LASTS)

    assert client.get(PATH, headers=headers).status_code == 401


def test_a_suspended_partner_is_out_at_once(client: PartnerClient):
    """With the tokens that it has."""
    headers = client.token()
    assert client.get(PATH, headers=headers).status_code == 200

    client.partners.suspend(NORTHFIELD)

    assert client.get(PATH, headers=headers).status_code == 401


def test_who_asks_too_often_is_told_when_to_come_back(client: PartnerClient):
    """429 with Retry-After; another partner is not kept waiting."""
    slow = a_partner(NORTHFIELD, pace=Pace(0.5, 3))
    headers, other = client.token(partner=slow), client.token(partner=a_partner(OTHER))

    answers = [client.get(PATH, headers=headers).status_code for _ in range(4)]
    refused = client.get(PATH, headers=headers)

    assert answers == [200, 200, 200, 429]
    assert refused.headers["retry-after"] == "2"
    assert client.get(PATH, headers=other).status_code == 200
    client.partners.clock.pass_by(timedelta(seconds=2))
    assert client.get(PATH, headers=headers).status_code == 200


def test_without_a_database_nothing_is_done(client: PartnerClient):
    """503 with Retry-After, and nothing of what went wrong."""
    headers = client.token()
    client.partners.is_broken = True

    answer = client.get(PATH, headers=headers)

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "30"
    assert answer.json()["type"] == "urn:tell-once:problem:unavailable"


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/nowhere", 404), ("PUT", PATH, 405)]
)
def test_what_is_not_there_is_a_problem_too(
    client: PartnerClient, method: str, path: str, status: int
):
    """Every failure has one shape."""
    answer = client.send(method, path)

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
