"""For whom a partner may ask: practitioners of its agencies, by a token of their own."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import text
from starlette.testclient import TestClient

from consent.ledger.events import LedgerEvent
from consent.model import RelationshipGround
from schemas.identifiers import PractitionerId
from schemas.vocabulary import Purpose, Role, Source
from services.interfaces.partners.app import create_partners_app
from services.interfaces.partners.edge import PartnerSettings
from services.interfaces.partners.officers.admitting import answer_change, ask_change
from services.interfaces.partners.onboarding import NameClient, end_client, onboarding
from services.interfaces.partners.ports import KnownAs, Scope
from services.interfaces.partners.work import partner_work
from services.people.governance.orders import Order
from services.people.practitioners.postgres_directory import Agency, PractitionerEntry
from services.people.signing_in.demonstration import reading_brought
from services.people.signing_in.ports import SignedInThere
from services.people.signing_in.profiles import Admission
from services.people.signing_in.providers import ProviderKind, read_providers
from services.work import Outside, unit_of_work
from tests.support.builders import TEACHER, VISITOR
from tests.support.fakes.fake_sign_in_client import FakeSignInClient
from tests.support.fakes.in_process import AGENCY, InProcess
from tests.support.one_loop import client_of
from tests.support.partners import NORTHFIELD, OTHER, PUBLIC_URL
from tests.support.partners_database import THEIR_KEYS
from tests.support.people.bringing import an_exchange, join
from tests.support.people.families import FamiliesOnDatabase, a_known_family, families_on
from tests.support.people.relating import relate
from tests.support.signing_in import settings_of, write_settings

pytestmark = pytest.mark.postgres

MANAGER = PractitionerId("b7" * 16)
_NOT_NAMED = "urn:tell-once:problem:practitioner-not-named"


@pytest.fixture
def families(outside: Outside) -> Iterator[FamiliesOnDatabase]:
    """Give the families interface; a manager works in the visitor's agency."""
    with InProcess.running(outside) as running, families_on(running) as found:
        with unit_of_work(running.portal) as work:
            who = (MANAGER, "A manager", Role.SERVICE_MANAGER, "Manager", AGENCY, None, "M7")
            work.directory.save_practitioner(PractitionerEntry(*who, Purpose.DIRECT_CARE))
        yield found


OLD_CLAIMS = {"urn:tell-once:practitioner": VISITOR, "urn:tell-once:purpose": "direct-care"}


@pytest.mark.parametrize("who", [TEACHER, PractitionerId("0" * 32), MANAGER], ids=str)
def test_whoever_is_nobody_of_the_partners_is_told_alike(
    families: FamiliesOnDatabase, who: PractitionerId
):
    """Unknown, another agency's and one who opens no records: the same bytes, and an entry."""
    answer = families.token_answer(who=who)

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert answer.json()["error_description"] == (
        "whoever the subject_token is about opens no account of an agency that you speak for"
    )
    assert _refusals(families) == ["is-not-theirs"]


def test_who_is_suspended_has_no_account_to_open(families: FamiliesOnDatabase):
    """From the moment that one has suspended them."""
    with unit_of_work(families.running.portal) as work:
        before = work.memberships.newest(VISITOR)
        assert before is not None
        work.memberships.add(replace(before, state=before.state + 1, suspended_at=work.now))

    assert families.token_answer().json()["error"] == "invalid_grant"


def test_the_word_of_the_partners_own_key_is_taken_no_more(families: FamiliesOnDatabase):
    """Not beside a practitioner's token either; it is told what to do instead, and entered."""
    families.partners.onboard(NORTHFIELD)
    alone, both = (families.assertion(**OLD_CLAIMS) for _ in range(2))

    answers = [
        families.partners.http.post("/oauth/token", data=form)
        for form in (alone, an_exchange(both, families.brought()))
    ]

    assert [answer.status_code for answer in answers] == [400, 400]
    assert {answer.json()["error"] for answer in answers} == {"invalid_request"}
    assert "grant-type:token-exchange" in answers[0].json()["error_description"]
    assert _refusals(families) == ["named-in-assertion"] * 2


def test_a_token_is_brought_once(families: FamiliesOnDatabase):
    """Also to another transaction; with another signature of the partner's."""
    families.token()
    token = families.brought()

    first, again = (
        families.partners.http.post("/oauth/token", data=an_exchange(families.assertion(), token))
        for _ in range(2)
    )

    assert (first.status_code, again.status_code) == (200, 400)
    assert again.json()["error"] == "invalid_request"
    assert _refusals(families) == ["used-before"]


def test_outside_the_demonstration_its_tokens_are_nobodys(families: FamiliesOnDatabase):
    """Whatever process reads them: the database says what families are."""
    with families.running.outside.engine.begin() as connection:
        connection.execute(text("UPDATE installation SET is_demonstration = false"))

    answer = families.token_answer()

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert _refusals(families) == ["audience-wrong"]


def test_emergency_and_presence_count_for_nothing_through_a_partner(families: FamiliesOnDatabase):
    """They open the page before which they were opened, and nothing on another screen."""
    child, _ = a_known_family(families.running)
    answers = {}
    for ground in RelationshipGround:
        who = PractitionerId(f"{len(answers):032x}")
        with unit_of_work(families.running.portal) as work:
            entry = (who, f"W {ground}", Role.PRACTITIONER, "Worker", AGENCY, None, None)
            work.directory.save_practitioner(PractitionerEntry(*entry, Purpose.DIRECT_CARE))
            relate(work, who, child, ground, until=work.now + timedelta(minutes=30))
        shown = families.get(child, families.token(who=who))
        with unit_of_work(families.running.portal) as work:
            may = work.relationships.may_open(who, [child])[child]
        answers[ground] = (shown.status_code, bool(may.relationships))

    passing = {ground for ground, (status, may) in answers.items() if may and status != 200}
    assert RelationshipGround.EMERGENCY in passing
    assert RelationshipGround.FAMILY_CONFIRMED in passing
    assert answers[RelationshipGround.CASE_LOAD] == (200, True)
    assert answers[RelationshipGround.REFERRAL] == (200, True)


def _refusals(families: FamiliesOnDatabase) -> list[object]:
    entries = families.running.ledger(LedgerEvent.PRACTITIONER_NAMING_REFUSED)
    return [entry.fields["because"] for entry in entries]


@pytest.mark.parametrize("scope", ["dispositions:read", "families:read dispositions:read"])
def test_a_token_that_names_somebody_is_for_nothing_else(families: FamiliesOnDatabase, scope: str):
    """Whatever else the partner may do, it asks for with another."""
    answer = families.token_answer(scope=scope)

    assert answer.json()["error"] == "invalid_scope"


def test_a_partner_that_may_not_show_families_gets_no_such_token(families: FamiliesOnDatabase):
    """Its key is good for what it was let in for."""
    more = {"agencies": frozenset(), "keys": THEIR_KEYS}
    families.partners.onboard(OTHER, Scope.EVENTS_SCHOOLS, **more)

    answer = families.token_answer(OTHER)

    assert answer.json()["error"] == "invalid_scope"


def test_a_token_that_names_nobody_opens_no_family(families: FamiliesOnDatabase):
    """With a secret nobody can be named; the scope alone is not enough."""
    child, _ = a_known_family(families.running)
    headers = families.partners.token(NORTHFIELD, scope="families:read")

    answer = families.get(child, headers)

    assert answer.status_code == 403
    assert answer.json()["type"] == _NOT_NAMED


def test_a_token_for_something_else_opens_no_family(families: FamiliesOnDatabase):
    """Nor does none."""
    child, _ = a_known_family(families.running)

    other = families.get(child, families.partners.token(NORTHFIELD, scope="dispositions:read"))
    none = families.get(child, {})

    assert (other.status_code, none.status_code) == (403, 401)
    assert other.json()["type"] == "urn:tell-once:problem:scope-missing"


def test_who_has_left_the_agency_is_named_no_more(families: FamiliesOnDatabase):
    """At once, with the token that they have."""
    child, _ = a_known_family(families.running)
    headers = families.token()
    with unit_of_work(families.running.portal) as work:
        work.directory.save_agency(Agency("Z1", "Elsewhere", Source.SCHOOLS, None))
        who = (VISITOR, "A worker", Role.PRACTITIONER, "Worker", "Z1", None, None)
        work.directory.save_practitioner(PractitionerEntry(*who, Purpose.DIRECT_CARE))

    answer = families.get(child, headers)

    assert (answer.status_code, answer.json()["type"]) == (403, _NOT_NAMED)


def test_a_suspended_partner_shows_nothing_more(families: FamiliesOnDatabase):
    """With the token that it has."""
    child, _ = a_known_family(families.running)
    headers = families.token()

    families.partners.suspend()

    assert families.get(child, headers).status_code == 401


def test_where_families_are_real_a_providers_token_shows_a_family(
    families: FamiliesOnDatabase, tmp_path: Path
):
    """Of a client that two officers named, by a sign-in that two joined; not before either."""
    child, _ = a_known_family(families.running)
    families.partners.onboard(NORTHFIELD)
    (provider,) = read_providers(write_settings(tmp_path, settings_of(ProviderKind.ENTRA_ID)))
    provides = FakeSignInClient([provider])
    http = _in_production(families, provides)
    at, admitted = families.running.outside.clock.now(), (Admission(Role.PRACTITIONER, AGENCY),)
    who = SignedInThere(provider.issuer, "s-1", None, at, frozenset(), (AGENCY,), admitted)

    def bring() -> Response:
        token = provides.make_for("ehr", who)
        return http.post("/oauth/token", data=an_exchange(families.assertion(), token))

    unnamed = bring()
    _name_client(families, KnownAs(provider.issuer, "ehr"))
    not_joined = bring()
    with unit_of_work(families.running.portal) as work:
        join(work, VISITOR, provider.issuer, "s-1")
    given = bring()
    headers = {"Authorization": f"Bearer {given.json()['access_token']}"}
    shown = families.get(child, headers)
    provides.away.add(provider.name)
    away = bring()
    with onboarding(families.running.outside, by="operator:one") as book:
        end_client(NameClient(NORTHFIELD, KnownAs(provider.issuer, "ehr")), onboarding=book)
    ended = families.get(child, headers)

    assert [a.json().get("error") for a in (unnamed, not_joined, given, away)] == [
        "invalid_request",
        "invalid_grant",
        None,
        "temporarily_unavailable",
    ]
    assert (away.status_code, away.headers["retry-after"]) == (503, "30")
    assert (shown.status_code, ended.status_code) == (200, 401)
    assert _refusals(families) == ["audience-wrong", "is-not-theirs", "provider-away"]


def _in_production(families: FamiliesOnDatabase, provides: FakeSignInClient) -> TestClient:
    """Give the interface where families are real, and providers sign people in."""
    with families.running.outside.engine.begin() as connection:
        connection.execute(text("UPDATE installation SET is_demonstration = false"))
    settings = PartnerSettings(PUBLIC_URL)
    opened, reader = partner_work(families.running.connectors), reading_brought(provides, None)
    return client_of(create_partners_app(opened, settings, reader))


def _name_client(families: FamiliesOnDatabase, known_as: KnownAs) -> None:
    change = NameClient(NORTHFIELD, known_as)
    with unit_of_work(families.running.outside) as work:
        asked = ask_change(change, by="operator:one", work=work)
    assert isinstance(asked, Order)
    with unit_of_work(families.running.outside) as work:
        answer_change(asked.id, by="operator:other", confirms=True, work=work)
