"""Pages, partners, access and the published ledger on the one port of the running demonstration."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from schemas.vocabulary import Source
from services.interfaces.access.app import DISCOVERY, EVALUATION
from tests.support.assertions import ED25519, P384, a_form, an_assertion
from tests.support.fixtures.fixtures_demonstration import Demonstration
from tests.support.messages.cloud_events import an_event
from tests.support.messages.csc import a_child, csc
from tests.support.messages.nems import APerson
from tests.support.messages.nems_messages import professional_contact
from tests.support.people.bringing import an_exchange
from tests.support.waiting import GENEROUS

pytestmark = [pytest.mark.postgres, pytest.mark.enable_socket]

A_STRANGER = APerson(nhs_number="9990000174")
_BATCH = {"Content-Type": "application/cloudevents-batch+json"}


@pytest.fixture
def http(demonstration: Demonstration) -> Iterator[httpx2.Client]:
    """Give a client of the demonstration's port."""
    with httpx2.Client(base_url=demonstration.url, timeout=GENEROUS) as client:
        yield client


def added(demonstration: Demonstration, *words: str) -> Any:
    """Onboard a partner by command, while everything runs."""
    done = demonstration.command("partner", "add", *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def bearer(http: httpx2.Client, form: dict[str, str]) -> dict[str, str]:
    """Get a token."""
    answer = http.post("/oauth/token", data=form)
    assert answer.status_code == 200, answer.text
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def test_a_partner_sends_is_told_and_is_shut_out(demonstration: Demonstration, http: httpx2.Client):
    """With a secret, in a process of its own each: command, port, database."""
    sources = ("--source", "health-visiting", "--source", "social-care")
    partner = added(demonstration, "first-day", *sources, "--secret")
    form = {"grant_type": "client_credentials", "client_id": "first-day"}
    token = bearer(http, form | {"client_secret": partner["client_secret"]})
    events = [
        an_event(professional_contact(A_STRANGER)),
        an_event(csc(a_child()), Source.SOCIAL_CARE),
    ]

    pushed = http.post("/partners/v1/events", json=events, headers=token | _BATCH).json()
    listed = http.get("/partners/v1/resend", headers=token).json()
    suspended = demonstration.command("partner", "suspend", "first-day")
    refused = http.get("/partners/v1/resend", headers=token)

    assert [one["disposition"] for one in pushed["dispositions"]] == ["withheld", "withheld"]
    assert listed["messages"] == []
    assert (suspended.returncode, refused.status_code) == (0, 401)


def test_a_gateway_asks_with_its_own_key(
    demonstration: Demonstration, http: httpx2.Client, tmp_path: Path
):
    """It signs the address that the discovery document names, and is answered."""
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(ED25519.as_dict(private=False)))
    added(demonstration, "gateway", "--scope", "access:evaluate", "--jwks", str(keys))
    place = http.get("/.well-known/oauth-authorization-server").json()["token_endpoint"]
    own = {"iss": "gateway", "sub": "gateway", "aud": place, "exp": int(time.time()) + 60}
    token = bearer(http, a_form(an_assertion(ED25519, "Ed25519", **own)))
    question = {
        "subject": {"type": "practitioner", "id": demonstration.people["Amara Okafor"]},
        "action": {"name": "read"},
        "resource": {"type": "person", "id": "nhs-number:9990000018"},
        "context": {"purpose": "direct-care"},
    }

    answer = http.post(EVALUATION, json=question, headers=token)
    verified = demonstration.command("ledger", "verify", "--json")

    assert answer.status_code == 200
    assert answer.json()["decision"] in {True, False}
    assert json.loads(verified.stdout)["valid"] is True


def test_a_record_system_shows_a_family_and_the_family_is_told_who_looked(
    demonstration: Demonstration, http: httpx2.Client, tmp_path: Path
):
    """By the demonstration's own token of hers, for a purpose; then all that is held, in a report.

    She sees that her name was used.
    """
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps(P384.as_dict(private=False)))
    words = ("--scope", "families:read", "--agency", "X9H01", "--jwks", str(keys))
    added(demonstration, "ehr", *words)
    place = http.get("/.well-known/oauth-authorization-server").json()["token_endpoint"]
    own = {"iss": "ehr", "sub": "ehr", "aud": place, "exp": int(time.time()) + 60}
    signed_in = http.post("/sign-in", data={"person": demonstration.people["Amara Okafor"]})
    theirs = http.get("/token-for-a-partner", params={"partner": "ehr"}).json()
    shown = a_form(an_assertion(P384, "ES384", **own))
    token = bearer(http, an_exchange(shown, theirs["subject_token"]))
    uses = http.get("/uses-of-my-name")
    who = ("--as", demonstration.people["Amara Okafor"], "--purpose", "direct-care")
    by_number = ("--person", "nhs-number:9990000018", *who, "--json")
    family = json.loads(demonstration.command("profile", "show", *by_number).stdout)

    as_json = http.get(f"/api/v1/families/{family['child']}", headers=token)
    as_fhir = http.get(
        f"/api/v1/families/{family['child']}", headers=token | {"Accept": "application/fhir+json"}
    )
    officer = next(p for name, p in demonstration.people.items() if name.startswith("Helen"))
    report = demonstration.command(
        *("report", "subject-access", family["child"], "--as", officer, "--json")
    )

    assert signed_in.status_code == 303
    assert "ehr" in uses.text
    assert as_json.json()["people"] == family["people"]
    assert as_fhir.json()["resourceType"] == "Bundle"
    entries = json.loads(report.stdout)["entry"]
    looks = [e["resource"] for e in entries if e["resource"]["resourceType"] == "AuditEvent"]
    assert {look["source"]["observer"]["display"] for look in looks} >= {"ehr"}


def test_everything_is_on_the_one_port(http: httpx2.Client):
    """Each answers in its own way."""
    page, discovery = http.get("/sign-in"), http.get(DISCOVERY)
    ledger, nothing = http.get("/ledger/v1/checkpoint"), http.get("/partners/v1/nothing")

    assert page.headers["content-type"].startswith("text/html")
    assert discovery.json()["policy_decision_point"] == str(http.base_url).rstrip("/")
    assert ledger.status_code == 200
    assert nothing.headers["content-type"] == "application/problem+json"
