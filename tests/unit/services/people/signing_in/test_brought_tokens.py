"""What is checked of a token that a partner brings, which some provider made for that partner."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from schemas.vocabulary import Role
from services.people.signing_in.demonstration import DEMONSTRATION, DemonstrationIssuer
from services.people.signing_in.ports import Brought, SignedInThere
from services.people.signing_in.profiles import Admission
from services.people.signing_in.providers import Provider, ProviderKind
from services.people.signing_in.tokens import (
    LOGOUT_EVENT,
    BroughtKind,
    Claims,
    TokenRefusal,
    issuer_named_in,
    verify_brought_token,
    what_was_signed,
)
from tests.support.builders import NOW, VISITOR
from tests.support.people.bringing import a_brought_token
from tests.support.signing_in import (
    CLIENT,
    SECONDS,
    Signing,
    a_provider,
    id_claims,
    later,
    logout_claims,
    published_keys,
    signed,
    signing_key,
    unsigned,
)

THEIRS = "ehr"
Case = tuple[str, str, TokenRefusal]


@pytest.fixture(params=list(ProviderKind))
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Provider:
    """Give a provider of each kind."""
    return a_provider(tmp_path, request.param)


def for_partner(profile: ProviderKind) -> dict[str, Any]:
    """Say what an ID token says that was made for a partner; of its nonce we know nothing."""
    return {**id_claims(profile), "aud": THEIRS, "nonce": "the partner's own"}


def for_access(profile: ProviderKind, **more: Any) -> dict[str, Any]:
    """Say what an access token for us says that a partner was given (RFC 9068)."""
    claims = {**id_claims(profile), "aud": CLIENT, "client_id": THEIRS, "scope": "tell-once"}
    del claims["nonce"]
    return {**claims, **more}


def believed(
    text: str, provider: Provider, kind: BroughtKind = BroughtKind.ID_TOKEN
) -> Claims | TokenRefusal:
    """Check it for a partner that this provider knows as `ehr` and `ehr-test`."""
    clients = {THEIRS, "ehr-test"}
    return verify_brought_token(
        text, published_keys(), provider, kind=kind, clients=clients, now=NOW
    )


def _without(claims: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in claims.items() if name not in names}


def test_what_was_made_for_the_partner_is_believed(provider: Provider):
    """With a nonce of the partner's or none, azp or none, auth_time or none."""
    claims = for_partner(provider.profile)

    for more in (
        claims,
        _without(claims, "nonce"),
        _without(claims, "auth_time"),
        {**claims, "aud": [THEIRS], "azp": THEIRS},
        {**claims, "aud": "ehr-test"},
    ):
        assert not isinstance(believed(signed(more), provider), TokenRefusal), more


@pytest.mark.parametrize("typ", [None, "JWT", "at+jwt", "application/at+jwt"])
def test_an_access_token_for_us_is_believed_of_who_asked_for_it(
    provider: Provider, typ: str | None
):
    """By any of the names under which providers say who that was."""
    header = {"alg": "RS256", "kid": "theirs"} | ({} if typ is None else {"typ": typ})
    claims = for_access(provider.profile)

    for more in (
        claims,
        {**_without(claims, "client_id"), "azp": THEIRS},
        {**_without(claims, "client_id"), "appid": THEIRS},
        {**claims, "azp": THEIRS, "aud": [THEIRS]},
    ):
        text = signed(more, Signing(header))
        found = believed(text, provider, BroughtKind.ACCESS_TOKEN)
        assert not isinstance(found, TokenRefusal), more


@pytest.mark.parametrize("kind", list(BroughtKind))
def test_what_was_made_for_us_is_nobodys_to_bring(provider: Provider, kind: BroughtKind):
    """Also where two officers took our own client for a partner's: a browser may have lost it."""
    is_access = kind is BroughtKind.ACCESS_TOKEN
    ours = for_access if is_access else for_partner
    claims = {**ours(provider.profile), "aud": CLIENT} | (
        {"client_id": CLIENT} if is_access else {}
    )

    found = verify_brought_token(
        signed(claims), published_keys(), provider, kind=kind, clients={THEIRS, CLIENT}, now=NOW
    )

    assert found is TokenRefusal.AUDIENCE


def _for_others(claims: dict[str, Any]) -> Iterator[Case]:
    """The confused deputy: a true token that was made for somebody else, or for more than one."""
    audience = TokenRefusal.AUDIENCE
    yield "of another application", signed({**claims, "aud": "payroll"}), audience
    yield "of ours", signed({**claims, "aud": CLIENT}), audience
    yield "of ours, that it asked for", signed({**claims, "aud": CLIENT, "azp": THEIRS}), audience
    yield "of both", signed({**claims, "aud": [THEIRS, "payroll"]}), audience
    yield "of both, authorised to it", signed({**claims, "aud": [CLIENT, THEIRS]}), audience
    yield "of another, for it", signed({**claims, "azp": "payroll"}), audience
    yield "of nobody", signed(_without(claims, "aud")), audience
    yield "of an empty list", signed({**claims, "aud": []}), audience
    yield "of a number", signed({**claims, "aud": 7}), audience
    yield (
        "of another issuer",
        signed({**claims, "iss": "https://evil.example"}),
        TokenRefusal.ISSUER,
    )


def _out_of_time(claims: dict[str, Any]) -> Iterator[Case]:
    times, stale = TokenRefusal.TIMES, TokenRefusal.NOT_FRESH
    yield "six minutes old", signed({**claims, "iat": later(minutes=-6)}), times
    yield "over", signed({**claims, "exp": later(seconds=-31)}), times
    yield "without an end", signed(_without(claims, "exp")), times
    yield "without a beginning", signed(_without(claims, "iat")), times
    yield "of a sign-in six minutes ago", signed({**claims, "auth_time": later(minutes=-6)}), stale
    yield "of a sign-in to come", signed({**claims, "auth_time": later(minutes=6)}), stale
    yield "of a sign-in in text", signed({**claims, "auth_time": str(SECONDS)}), stale
    yield "of a sign-in at no time", signed({**claims, "auth_time": None}), stale


def _of_another_kind(claims: dict[str, Any]) -> Iterator[Case]:
    kind = TokenRefusal.KIND
    yield "that signs out", signed({**claims, "events": {LOGOUT_EVENT: {}}}), kind
    for typ in ("logout+jwt", "at+jwt", "dpop+jwt", 7):
        header = {"alg": "RS256", "kid": "theirs", "typ": typ}
        yield f"of the kind {typ}", signed(claims, Signing(header)), kind
    passed_on = {**claims, "act": {"sub": "somebody"}}
    yield "by which somebody acts", signed(passed_on), TokenRefusal.PASSED_ON
    yield "about nobody", signed(_without(claims, "sub")), TokenRefusal.SUBJECT
    yield "that nobody signed", unsigned(claims, {"alg": "none"}), TokenRefusal.ALGORITHM
    other = Signing({"alg": "RS256", "kid": "theirs"}, signing_key("somebody-else"))
    yield "that somebody else signed", signed(claims, other), TokenRefusal.SIGNATURE
    unknown = Signing({"alg": "RS256", "kid": "new"})
    yield "by an unknown key", signed(claims, unknown), TokenRefusal.NO_KEY


def test_whatever_else_is_refused_with_its_reason(provider: Provider):
    """Each by the first thing that is wrong with it."""
    claims = for_partner(provider.profile)
    cases = [*_for_others(claims), *_out_of_time(claims), *_of_another_kind(claims)]
    logout = {**logout_claims(provider.profile), "aud": THEIRS}
    cases.append(("logout", signed(logout), TokenRefusal.KIND))

    found = {name: believed(text, provider) for name, text, _ in cases}

    assert found == {name: why for name, _, why in cases}


def test_an_access_token_that_another_asked_for_is_refused(provider: Provider):
    """Also where it says two, or is for another server."""
    access = BroughtKind.ACCESS_TOKEN
    for more in (
        for_access(provider.profile, client_id="payroll"),
        for_access(provider.profile, azp="payroll"),
        for_access(provider.profile, client_id=7),
        for_access(provider.profile, aud="payroll"),
        for_access(provider.profile, aud=[CLIENT, "payroll"]),
        _without(for_access(provider.profile), "client_id"),
    ):
        assert believed(signed(more), provider, access) is TokenRefusal.AUDIENCE, more


def test_how_they_signed_in_counts_where_that_is_asked(tmp_path: Path):
    """`acr_values` of the provider's settings."""
    provider = a_provider(tmp_path, ProviderKind.NHS_CIS2)
    claims = for_partner(provider.profile)

    weak = believed(signed({**claims, "acr": "AAL1"}), provider)

    assert weak is TokenRefusal.CONTEXT


def test_who_made_a_token_is_read_before_it_is_believed():
    """For choosing whose keys to ask; nothing is raised, whatever it is."""
    good = a_brought_token()

    assert issuer_named_in(good) == DEMONSTRATION
    for text in ("", ".", "a.b", "a.!.c", "a.W10.c", "a.e30.c", "ä.ä.ä", "a." + "W" * 90_000):
        assert issuer_named_in(text) is None


def test_a_signature_that_is_written_in_two_ways_is_one_token():
    """What it signs is what tells it from others."""
    head, payload, signature = a_brought_token().split(".")

    assert what_was_signed(f"{head}.{payload}.{signature}") == what_was_signed(
        f"{head}.{payload}.x"
    )


def test_the_demonstrations_own_token_says_who_is_signed_in_there():
    """Signed by a key that comes of the vault: of another vault it is another."""
    here, there = (DemonstrationIssuer(letter * 32) for letter in (b"a", b"b"))
    text = a_brought_token(client=THEIRS)
    brought = Brought(text, BroughtKind.ID_TOKEN, {DEMONSTRATION: {THEIRS}})
    own = DemonstrationIssuer(b"a secret of the demonstration's!")

    found = own.read(brought, now=NOW + timedelta(minutes=4))

    assert isinstance(found, SignedInThere)
    assert (found.issuer, found.subject, found.signed_in_at) == (DEMONSTRATION, VISITOR, NOW)
    assert found.admissions == (Admission(Role.PRACTITIONER, "A1"),)
    assert {one.read(brought, now=NOW) for one in (here, there)} == {TokenRefusal.SIGNATURE}
    assert own.read(brought, now=NOW + timedelta(minutes=6)) is TokenRefusal.TIMES
