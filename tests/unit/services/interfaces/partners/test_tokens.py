"""The token endpoint: who shows who it is gets a token, in OAuth's words."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from consent.ledger.events import LedgerEvent
from services.interfaces.partners.ports import Credentials, Pace, Scope
from tests.support.assertions import P256, P384, a_form, an_assertion, public
from tests.support.partners import NORTHFIELD, OTHER, PartnerClient, a_partner

SECRET = "a secret of its own"
FORM = {
    "grant_type": "client_credentials",
    "client_id": NORTHFIELD,
    "client_secret": SECRET,
}


@pytest.fixture
def client() -> PartnerClient:
    """Give the interfaces, with a partner that has a secret and a key."""
    made = PartnerClient()
    enter(made, a_partner(NORTHFIELD, Scope.EVENTS_SCHOOLS, Scope.DISPOSITIONS_READ))
    return made


def enter(client: PartnerClient, partner: Any, secret: str = SECRET) -> None:
    """Onboard a partner with a secret and a key."""
    with client.partners.open_work() as work:
        hashed = work.digest("client-secret", partner.id, secret)
    client.partners.enter(Credentials(partner, public(P256), [hashed]))


def ask(client: PartnerClient, form: Any = None, **more: Any) -> Any:
    """Ask for a token."""
    return client.http.post("/oauth/token", data=FORM if form is None else form, **more)


def basic(client_id: str, secret: str) -> dict[str, str]:
    """The header of Basic authentication."""
    encoded = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
    return {"Authorization": f"Basic {encoded}"}


@pytest.mark.parametrize(
    ("form", "headers"),
    [
        (FORM, {}),
        ({"grant_type": "client_credentials"}, basic(NORTHFIELD, SECRET.replace(" ", "+"))),
        (a_form(an_assertion()), {}),
        (a_form(an_assertion(), NORTHFIELD), {}),
    ],
    ids=["post", "basic", "assertion", "assertion-and-id"],
)
def test_a_partner_that_shows_who_it_is_gets_a_token(
    client: PartnerClient, form: dict[str, str], headers: dict[str, str]
):
    """In each of the three ways; it opens what it is for, and is on the ledger."""
    answer = ask(client, form, headers=headers)
    bearer = {"Authorization": f"Bearer {answer.json()['access_token']}"}

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["token_type"] == "Bearer"
    assert answer.json()["expires_in"] == 3600
    assert answer.json()["scope"] == "dispositions:read events:schools"
    assert client.get("/partners/v1/dispositions", headers=bearer).status_code == 200
    (entry,) = client.partners.ledger.of(LedgerEvent.PARTNER_AUTHENTICATED)
    assert entry.actor == f"partner:{NORTHFIELD}"


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("events:schools", "events:schools"),
        ("events:schools dispositions:read", "dispositions:read events:schools"),
        ("https://another.example/.default", "dispositions:read events:schools"),
        ("", "dispositions:read events:schools"),
    ],
)
def test_a_token_is_for_what_was_asked(client: PartnerClient, asked: str, given: str):
    """Within what was granted; senders made for others ask for all of it in their own way."""
    assert ask(client, FORM | {"scope": asked}).json()["scope"] == given


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        (FORM | {"scope": "events:social-care"}, 400, "invalid_scope"),
        (FORM | {"scope": "events:schools  dispositions:read"}, 400, "invalid_scope"),
        (FORM | {"scope": "everything"}, 400, "invalid_scope"),
        (FORM | {"grant_type": "password"}, 400, "unsupported_grant_type"),
        (FORM | {"grant_type": ""}, 400, "invalid_request"),
        ({"client_id": NORTHFIELD}, 400, "invalid_request"),
        (FORM | a_form(an_assertion()), 400, "invalid_request"),
        (a_form(an_assertion()) | {"client_assertion_type": "jwt"}, 400, "invalid_request"),
        (FORM | {"client_secret": "another"}, 401, "invalid_client"),
        (FORM | {"client_id": OTHER}, 401, "invalid_client"),
        (FORM | {"client_id": "\0"}, 400, "invalid_request"),
        ({"grant_type": "client_credentials"}, 401, "invalid_client"),
        ({"grant_type": "client_credentials", "client_id": NORTHFIELD}, 401, "invalid_client"),
        (a_form(an_assertion(), OTHER), 401, "invalid_client"),
        (a_form(an_assertion(P384, "ES384")), 401, "invalid_client"),
        (a_form("no.assertion.at-all"), 401, "invalid_client"),
    ],
)
def test_what_is_wrong_is_told_in_oauths_words(
    client: PartnerClient, form: dict[str, str], status: int, error: str
):
    """RFC 6749 section 5.2; which of name and secret is wrong is not told."""
    answer = ask(client, form)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"


def test_who_tries_basic_is_asked_for_basic(client: PartnerClient):
    """RFC 6749 section 5.2."""
    answer = ask(client, {"grant_type": "client_credentials"}, headers=basic(NORTHFIELD, "no"))

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Basic")


@pytest.mark.parametrize(
    "body",
    [
        b"grant_type=client_credentials&grant_type=client_credentials",
        b"grant_type",
        b"\xff\xfe",
        b"&".join(b"a%d=1" % n for n in range(40)),
    ],
)
def test_what_is_no_form_is_an_invalid_request(client: PartnerClient, body: bytes):
    """Also one that says a thing twice (RFC 6749 section 3.2)."""
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    answer = client.http.post("/oauth/token", content=body, headers=headers)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_another_media_type_is_not_taken(client: PartnerClient):
    """JSON is not how OAuth asks."""
    assert client.http.post("/oauth/token", json=FORM).status_code == 415


def test_an_assertion_is_shown_once(client: PartnerClient):
    """Also when the rest of the request was wrong: it has been seen."""
    spent = an_assertion()
    ask(client, a_form(spent) | {"scope": "everything"})

    assert ask(client, a_form(spent)).status_code == 401
    assert ask(client, a_form(an_assertion(jti="another"))).status_code == 200


def test_a_suspended_partner_gets_no_token(client: PartnerClient):
    """It is told what one that is not known is told."""
    client.partners.suspend(NORTHFIELD)

    answers = [ask(client), ask(client, FORM | {"client_id": OTHER})]

    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].json() == answers[1].json()


def test_who_goes_on_failing_has_to_wait(client: PartnerClient):
    """With the right secret the partner comes in all the same: nobody can lock it out."""
    wrong = FORM | {"client_secret": "guess"}
    statuses = [ask(client, wrong).status_code for _ in range(25)]
    refused = ask(client, wrong)

    assert statuses[:20] == [401] * 20
    assert statuses[-1] == 429
    assert refused.json()["error"] == "temporarily_unavailable"
    assert int(refused.headers["retry-after"]) > 0
    assert ask(client).status_code == 200


def test_tokens_count_as_requests(client: PartnerClient):
    """A partner that asks for one each time is held to the same pace."""
    enter(client, a_partner(OTHER, pace=Pace(1.0, 2)))
    form = FORM | {"client_id": OTHER}

    assert [ask(client, form).status_code for _ in range(3)] == [200, 200, 429]
    client.partners.clock.pass_by(timedelta(seconds=1))
    assert ask(client, form).status_code == 200


def test_a_refusal_is_logged_with_its_reason_and_nothing_else(client: PartnerClient):
    """Neither the secret nor a name that nobody gave."""
    with capture_logs() as written:
        ask(client, FORM | {"client_secret": "Quillfeather"})
        ask(client, FORM | {"client_id": "Quillfeather"})

    assert [(line["partner"], line["why"]) for line in written] == [
        (NORTHFIELD, "wrong-secret"),
        (None, "unknown-client"),
    ]
    assert "Quillfeather" not in str(written)


def test_the_metadata_name_the_endpoint(client: PartnerClient):
    """RFC 8414: so that a client can find it."""
    told = client.http.get("/.well-known/oauth-authorization-server").json()

    assert told["token_endpoint"] == told["issuer"] + "/oauth/token"
    assert "none" not in told["token_endpoint_auth_signing_alg_values_supported"]
    assert set(told["scopes_supported"]) == {scope.value for scope in Scope}
