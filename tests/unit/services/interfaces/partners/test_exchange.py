"""Token exchange: a practitioner's own token, brought by the partner that it was made for."""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from consent.ledger.events import LedgerEvent
from schemas.vocabulary import Role
from services.interfaces.partners.oauth.exchange import ISSUED_TYPE
from services.interfaces.partners.ports import Credentials, PartnerId, Scope
from services.people.signing_in.demonstration import DEMONSTRATION, ReadBrought, reading_brought
from services.people.signing_in.ports import ProviderRefusal, SignedInThere
from services.people.signing_in.profiles import Admission, ClaimRefusal
from services.people.signing_in.tokens import BroughtKind, TokenRefusal
from tests.support.assertions import P256, a_form, an_assertion, public
from tests.support.builders import NOW, TEACHER, VISITOR
from tests.support.partners import NORTHFIELD, PUBLIC_URL, PartnerClient, a_partner
from tests.support.people.bringing import ISSUER, TYPE_OF, a_brought_token, an_exchange

OTHER_EHR = PartnerId("westfield-ehr")
CARDS = "https://cards.example"
SECRET = "a secret of its own"
_numbers = itertools.count(1)


def a_client(read_brought: ReadBrought | None = None) -> PartnerClient:
    """Give a demonstration with two partners of one agency, and somebody who works there."""
    client = PartnerClient(read_brought=read_brought or reading_brought(None, ISSUER))
    partners = client.partners
    partners.state.is_demonstration = True
    for name in (NORTHFIELD, OTHER_EHR):
        partner = a_partner(name, Scope.FAMILIES_READ, agencies=frozenset({"A1", "A3"}))
        with partners.open_work() as work:
            hashed = work.digest("client-secret", name, SECRET)
        partners.enter(Credentials(partner, public(P256), [hashed]))
    partners.employ(VISITOR, "A1")
    return client


@pytest.fixture
def client() -> PartnerClient:
    """Give it with the demonstration's own tokens."""
    return a_client()


def shown_by(name: PartnerId = NORTHFIELD, **claims: Any) -> dict[str, str]:
    """Write what a partner shows that it is itself with."""
    usual = {"iss": name, "sub": name, "jti": f"jti-{next(_numbers)}"}
    return a_form(an_assertion(**(usual | claims)))


def ask(client: PartnerClient, form: dict[str, str]) -> Response:
    """Ask for a token."""
    return client.http.post("/oauth/token", data=form)


def bring(client: PartnerClient, token: str | None = None, **more: Any) -> Response:
    """Bring a token, by default a good one."""
    return ask(client, an_exchange(shown_by(), token or a_brought_token(), **more))


def refusals(client: PartnerClient) -> list[object]:
    """Give why naming somebody was refused, as it was entered."""
    entries = client.partners.ledger.of(LedgerEvent.PRACTITIONER_NAMING_REFUSED)
    return [entry.fields["because"] for entry in entries]


def test_a_practitioners_own_token_gives_one_that_is_for_them(client: PartnerClient):
    """As RFC 8693 section 2.2.1 has it; the ledger says whose name was used, and how often."""
    answer = bring(client)
    told = answer.json()

    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert (told["issued_token_type"], told["token_type"]) == (ISSUED_TYPE, "Bearer")
    assert (told["expires_in"], told["scope"]) == (600, "families:read")
    (entry,) = client.partners.ledger.of(LedgerEvent.PRACTITIONER_TOKEN_EXCHANGED)
    assert entry.actor == f"partner:{NORTHFIELD}"
    assert entry.fields["practitioner"] == VISITOR
    with client.partners.open_work() as work:
        caller = work.tokens.caller(work.digest("access-token", told["access_token"]), at=NOW)
    assert caller is not None
    assert caller.acting is not None
    assert caller.acting.use == entry.fields["use"]


_MALFORMED = [
    ({"subject_token": None}, "invalid_request"),
    ({"subject_token": ""}, "invalid_request"),
    ({"subject_token_type": None}, "invalid_request"),
    ({"subject_token_type": "urn:ietf:params:oauth:token-type:saml2"}, "invalid_request"),
    ({"purpose": None}, "invalid_request"),
    ({"purpose": "curiosity"}, "invalid_request"),
    ({"requested_token_type": TYPE_OF[BroughtKind.ID_TOKEN]}, "invalid_request"),
    ({"actor_token": "x", "actor_token_type": ISSUED_TYPE}, "invalid_request"),
    ({"actor_token_type": ISSUED_TYPE}, "invalid_request"),
    ({"resource": "https://payroll.example"}, "invalid_target"),
    ({"audience": "payroll"}, "invalid_target"),
    ({"scope": "events:schools"}, "invalid_scope"),
    ({"scope": "access:explain"}, "invalid_scope"),
]


@pytest.mark.parametrize(("more", "error"), _MALFORMED, ids=str)
def test_what_is_asked_wrongly_is_told_plainly(
    client: PartnerClient, more: dict[str, str | None], error: str
):
    """Before anybody is looked up; it is entered all the same."""
    answer = bring(client, **more)

    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert len(refusals(client)) == 1


def test_it_may_say_for_whom_it_asks_if_that_is_us(client: PartnerClient):
    """As clients that are made for any server do."""
    answer = bring(client, resource=f"{PUBLIC_URL}/", audience=PUBLIC_URL, scope="families:read")

    assert answer.status_code == 200


_Bring = Callable[[PartnerClient], str]


def _assertion_of_its_own(client: PartnerClient) -> str:
    del client
    return shown_by()["client_assertion"]


_NOT_BELIEVED: dict[str, tuple[_Bring, str]] = {
    "of another partner": (lambda _: a_brought_token(client=OTHER_EHR), "audience-wrong"),
    "for another application": (lambda _: a_brought_token(client="payroll"), "audience-wrong"),
    "for us, not for it": (lambda _: a_brought_token(client="tell-once"), "audience-wrong"),
    "six minutes old": (lambda _: a_brought_token(at=NOW - timedelta(minutes=6)), "times-wrong"),
    "over": (lambda _: a_brought_token(at=NOW - timedelta(hours=2)), "times-wrong"),
    "from tomorrow": (lambda _: a_brought_token(at=NOW + timedelta(days=1)), "times-wrong"),
    "of a sign-in six minutes ago": (
        lambda _: a_brought_token(signed_in_at=NOW - timedelta(minutes=6)),
        "not-fresh",
    ),
    "its own assertion": (_assertion_of_its_own, "issuer-wrong"),
    "no token": (lambda _: "not.a.token", "issuer-wrong"),
    "half a token": (lambda _: a_brought_token()[:-20], "signature-wrong"),
}


@pytest.mark.parametrize("named", _NOT_BELIEVED)
def test_what_is_not_the_practitioners_own_and_fresh_is_not_believed(
    client: PartnerClient, named: str
):
    """RFC 8693 section 2.2.2: `invalid_request`. Nobody is looked up for it."""
    make, because = _NOT_BELIEVED[named]

    answer = bring(client, make(client))

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert refusals(client) == [because]
    assert not client.partners.ledger.of(LedgerEvent.PRACTITIONER_TOKEN_EXCHANGED)


def test_a_token_is_brought_once(client: PartnerClient):
    """Also with another signature of the partner's; one that opened nothing was not used up."""
    token = a_brought_token()
    elsewhere = bring(client, token, agency="A3")
    first, again = bring(client, token), bring(client, token)

    assert [a.status_code for a in (elsewhere, first, again)] == [400, 200, 400]
    assert refusals(client) == ["is-not-theirs", "used-before"]


_NOBODY: dict[str, Callable[[PartnerClient], str]] = {
    "nobody here": lambda _: a_brought_token(TEACHER),
    "another agency's": lambda client: _employed(client, "A2"),
    "an administrator": lambda client: _employed(client, "A1", Role.ADMINISTRATOR),
    "in another role": lambda client: _employed(client, "A1", role_said=Role.LEAD_PRACTITIONER),
    "in another agency of theirs": lambda client: _employed(client, "A3", agency_said="A1"),
}


def _employed(
    client: PartnerClient,
    agency: str,
    role: Role = Role.PRACTITIONER,
    *,
    role_said: Role | None = None,
    agency_said: str | None = None,
) -> str:
    client.partners.employ(TEACHER, agency, role)
    return a_brought_token(TEACHER, role=role_said or role, agency=agency_said or agency)


@pytest.mark.parametrize("named", _NOBODY)
def test_nobody_learns_who_works_here(client: PartnerClient, named: str):
    """Whoever it is for whom the partner may not speak: the same bytes, and one entry."""
    answer = bring(client, _NOBODY[named](client))

    assert (answer.status_code, answer.json()) == (
        400,
        {
            "error": "invalid_grant",
            "error_description": (
                "whoever the subject_token is about opens no account of an agency that you "
                "speak for"
            ),
        },
    )
    assert refusals(client) == ["is-not-theirs"]


def test_of_two_accounts_the_partner_says_which():
    """An account is one place of work; where it is not said which, none is opened."""
    there = SignedInThere(
        CARDS,
        "s-1",
        None,
        NOW,
        frozenset({"nurse"}),
        ("A1",),
        (Admission(Role.PRACTITIONER, "A1"), Admission(Role.PRACTITIONER, "A3")),
    )
    several = a_client(lambda *_: there)
    several.partners.employ(TEACHER, "A3")
    for who in (VISITOR, TEACHER):
        several.partners.join(CARDS, "s-1", who)

    unsaid, said = bring(several), bring(several, agency="A3")

    assert (unsaid.status_code, unsaid.json()["error"]) == (400, "invalid_grant")
    assert "agency" in unsaid.json()["error_description"]
    assert said.status_code == 200
    (entry,) = several.partners.ledger.of(LedgerEvent.PRACTITIONER_TOKEN_EXCHANGED)
    assert entry.fields["practitioner"] == TEACHER


@pytest.mark.parametrize(
    ("why", "status", "error"),
    [
        (ProviderRefusal.AWAY, 503, "temporarily_unavailable"),
        (ProviderRefusal.NOT_AS_DESCRIBED, 503, "temporarily_unavailable"),
        (ClaimRefusal.ROLES_NOT_TOLD, 503, "temporarily_unavailable"),
        (ClaimRefusal.NO_ROLE, 400, "invalid_request"),
        (TokenRefusal.PASSED_ON, 400, "invalid_request"),
    ],
)
def test_that_a_provider_is_away_is_no_fault_of_the_token(
    why: ProviderRefusal | ClaimRefusal | TokenRefusal, status: int, error: str
):
    """It may be brought again a little later; either is entered."""
    client = a_client(lambda *_: why)

    answer = bring(client)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert ("retry-after" in answer.headers) is (status == 503)
    assert refusals(client) == [why.value]


def test_with_a_secret_nobodys_token_is_taken(client: PartnerClient):
    """It is known by whoever the partner's secret was told."""
    shown = {"client_id": NORTHFIELD, "client_secret": SECRET}

    answer = ask(client, an_exchange(shown, a_brought_token()))

    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    assert refusals(client) == ["is-by-secret"]


def test_who_is_not_known_is_told_nothing_of_the_token(client: PartnerClient):
    """Nor is it used up by them."""
    token = a_brought_token()

    stranger = ask(client, an_exchange(shown_by(PartnerId("nobody")), token))

    assert (stranger.status_code, stranger.json()["error"]) == (401, "invalid_client")
    assert bring(client, token).status_code == 200


def test_a_partner_that_is_suspended_meanwhile_gets_nothing():
    """While its provider was asked: no transaction waits for that."""
    client = PartnerClient()

    def read(*_: object) -> SignedInThere:
        client.partners.suspend(NORTHFIELD)
        admitted = (Admission(Role.PRACTITIONER, "A1"),)
        return SignedInThere(CARDS, "s-1", None, NOW, frozenset(), ("A1",), admitted)

    client = a_client(read)
    client.partners.join(CARDS, "s-1", VISITOR)

    assert bring(client).status_code == 401


def test_production_takes_no_token_of_the_demonstration_whatever_a_file_names():
    """Neither by its own key, nor by a provider that was given its issuer's name."""
    admitted = (Admission(Role.PRACTITIONER, "A1"),)
    there = SignedInThere(DEMONSTRATION, VISITOR, None, NOW, frozenset(), ("A1",), admitted)

    class NamedInAFile:
        def read_brought(self, *_: object, **__: object) -> SignedInThere:
            return there

    for read in (reading_brought(NamedInAFile(), None), reading_brought(NamedInAFile(), ISSUER)):
        client = a_client(read)
        client.partners.state.is_demonstration = False
        client.partners.join(DEMONSTRATION, VISITOR, VISITOR)

        answers = [bring(client), bring(client, "e30.e30.e30")]

        assert [a.json()["error"] for a in answers] == ["invalid_request"] * 2
        assert not client.partners.ledger.of(LedgerEvent.PRACTITIONER_TOKEN_EXCHANGED)


def test_an_older_claim_of_an_assertion_says_what_to_do_instead(client: PartnerClient):
    """Either of both, in any grant; it is entered."""
    for claim in ("urn:tell-once:practitioner", "urn:tell-once:purpose"):
        answer = ask(client, shown_by(**{claim: VISITOR}))

        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        assert "token-exchange" in answer.json()["error_description"]
    assert refusals(client) == ["named-in-assertion"] * 2


def test_a_grant_that_was_taken_back_meanwhile_gives_nothing(client: PartnerClient):
    """What the partner may do is asked anew when the token is given."""
    known = client.partners.state.credentials[NORTHFIELD]
    less = replace(known.partner, scopes=frozenset({Scope.DISPOSITIONS_READ}))
    client.partners.enter(replace(known, partner=less))

    assert bring(client).json()["error"] == "invalid_scope"
