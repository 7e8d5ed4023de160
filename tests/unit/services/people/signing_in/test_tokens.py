"""Tokens that somebody would like us to believe: each is refused, whichever provider it names."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import KeySet, RSAKey

from services.people.signing_in.providers import Provider, ProviderKind
from services.people.signing_in.tokens import (
    LOGOUT_EVENT,
    SignedOut,
    TokenRefusal,
    verify_id_token,
    verify_logout_token,
)
from tests.support.builders import NOW
from tests.support.signing_in import (
    CLIENT,
    NONCE,
    SECONDS,
    Signing,
    a_provider,
    curve_key,
    id_claims,
    issuer_of,
    later,
    logout_claims,
    published_keys,
    signed,
    signed_with_secret,
    signing_key,
    unsigned,
)

Case = tuple[str, str, TokenRefusal]
Claims = dict[str, Any]


@pytest.fixture(params=list(ProviderKind))
def provider(request: pytest.FixtureRequest, tmp_path: Path) -> Provider:
    """Give a provider of each kind."""
    return a_provider(tmp_path, request.param)


def _with(claims: Claims, **changed: object) -> str:
    return signed({**claims, **changed})


def _without(claims: Claims, name: str) -> str:
    return signed({key: value for key, value in claims.items() if key != name})


def _as_text(claims: Claims, old: str, new: str) -> str:
    """Change the payload as text, so that it is no JSON that Python would write."""
    return signed(json.dumps(claims).replace(old, new, 1).encode())


def _forged(claims: Claims) -> Iterator[Case]:
    """Whoever can write a token, but holds none of the provider's keys."""
    public = signing_key().as_pem(private=False)
    other = signing_key("somebody-else")
    good = signed(claims)
    header, payload, signature = good.split(".")
    inner = {"alg": "RS256", "kid": "theirs"}
    algorithm, wrong = TokenRefusal.ALGORITHM, TokenRefusal.SIGNATURE
    yield "alg none", unsigned(claims, {"alg": "none"}), algorithm
    yield "alg None in other letters", unsigned(claims, {"alg": "nOnE"}), algorithm
    secret = signed_with_secret(claims, public, {"alg": "HS256", "kid": "theirs"})
    yield "HS256 with the public key", secret, algorithm
    weaker = Signing({"alg": "RS512", "kid": "theirs"})
    yield "an algorithm that is not ours", signed(claims, weaker), algorithm
    yield "somebody else's key", signed(claims, Signing(inner, other)), wrong
    unknown = Signing({"alg": "RS256", "kid": "somebody-else"}, other)
    yield "an unknown key", signed(claims, unknown), TokenRefusal.NO_KEY
    brought = {**inner, "jwk": other.as_dict(private=False)}
    own = signed(claims, Signing(brought, other))
    yield "a key that it brings along", own, TokenRefusal.UNREADABLE
    fetched = {**inner, "jku": "https://evil.example/keys"}
    yield "a key to be fetched", signed(claims, Signing(fetched, other)), wrong
    path = {**inner, "kid": "../../dev/null"}
    yield "a key id that is a path", signed(claims, Signing(path, other)), TokenRefusal.NO_KEY
    yield "a number as key id", signed(claims, Signing({**inner, "kid": 7})), TokenRefusal.NO_KEY
    crit = {**inner, "crit": ["exp"], "exp": 1}
    yield "a header to be understood", signed(claims, Signing(crit)), algorithm
    yield "another payload", f"{header}.{_payload_of(claims, sub='1')}.{signature}", wrong
    yield "no signature", f"{header}.{payload}.", wrong
    yield "half a token", f"{header}.{payload}", TokenRefusal.UNREADABLE
    yield "five parts", f"{good}.a.b", TokenRefusal.UNREADABLE
    yield "nothing", "", TokenRefusal.UNREADABLE
    yield "not ASCII", good + "ä", TokenRefusal.UNREADABLE
    yield "half of a surrogate pair", good + "\ud800", TokenRefusal.UNREADABLE
    yield "very long", good + "a" * 70_000, TokenRefusal.UNREADABLE
    yield "deeply nested", signed(b"[" * 20_000), TokenRefusal.UNREADABLE
    yield "a list", signed(b"[1]"), TokenRefusal.UNREADABLE
    yield "no JSON", signed(b"{"), TokenRefusal.UNREADABLE


def _payload_of(claims: Claims, **changed: object) -> str:
    return signed({**claims, **changed}).split(".")[1]


def _for_others(claims: Claims) -> Iterator[Case]:
    """Whoever holds a true token that was made for something or somebody else."""
    issuer, audience = TokenRefusal.ISSUER, TokenRefusal.AUDIENCE
    yield "another issuer", _with(claims, iss="https://evil.example"), issuer
    yield "a slash more", _with(claims, iss=f"{claims['iss']}/"), issuer
    yield "other letters", _with(claims, iss=claims["iss"].upper()), issuer
    yield "issuers in a list", _with(claims, iss=[claims["iss"]]), issuer
    yield "no issuer", _without(claims, "iss"), issuer
    yield "another client", _with(claims, aud="payroll"), audience
    yield "another client too", _with(claims, aud=[CLIENT, "payroll"]), audience
    yield "another client's, ours beside", _with(claims, azp="payroll"), audience
    yield "no audience", _without(claims, "aud"), audience
    yield "an empty list of audiences", _with(claims, aud=[]), audience
    yield "an audience that begins as ours", _with(claims, aud=CLIENT + "-2"), audience


def _out_of_time(claims: Claims) -> Iterator[Case]:
    times = TokenRefusal.TIMES
    yield "over", _with(claims, exp=later(seconds=-31)), times
    yield "made tomorrow", _with(claims, iat=later(days=1), exp=later(days=2)), times
    yield "made long ago", _with(claims, iat=later(hours=-1)), times
    yield "not yet valid", _with(claims, nbf=later(minutes=5)), times
    yield "over before it was made", _with(claims, iat=SECONDS + 20, exp=SECONDS + 10), times
    yield "no end", _without(claims, "exp"), times
    yield "no beginning", _without(claims, "iat"), times
    yield "an end in text", _with(claims, exp=str(later(hours=1))), times
    yield "an end that is true", _with(claims, exp=True), times
    yield "an end beyond calendars", _with(claims, exp=1e300), times
    yield "valid from text", _with(claims, nbf="soon"), times
    until = f'"exp": {claims["exp"]}'
    yield "an end that is no number", _as_text(claims, until, '"exp": NaN'), TokenRefusal.UNREADABLE
    yield "two ends", _as_text(claims, until, f'{until}, "exp": 9e9'), TokenRefusal.UNREADABLE


def _id_tokens(claims: Claims) -> Iterator[Case]:
    """What an ID token has to say for itself."""
    nonce, kind = TokenRefusal.NONCE, TokenRefusal.KIND
    yield "of another sign-in", _with(claims, nonce="another"), nonce
    yield "of no sign-in", _without(claims, "nonce"), nonce
    yield "an empty nonce", _with(claims, nonce=""), nonce
    yield "nonces in a list", _with(claims, nonce=[NONCE]), nonce
    yield "a logout token", _with(claims, events={LOGOUT_EVENT: {}}), kind
    for typ in ("logout+jwt", "at+jwt", "dpop+jwt", 7):
        other = Signing({"alg": "RS256", "kid": "theirs", "typ": typ})
        yield f"of the kind {typ}", signed(claims, other), kind
    yield "about nobody", _without(claims, "sub"), TokenRefusal.SUBJECT
    yield "about an empty name", _with(claims, sub=""), TokenRefusal.SUBJECT
    yield "about a number", _with(claims, sub=7), TokenRefusal.SUBJECT
    yield "about a very long name", _with(claims, sub="1" * 256), TokenRefusal.SUBJECT
    yield "about a name with a line end", _with(claims, sub="1\n2"), TokenRefusal.SUBJECT


def _logout_tokens(claims: Claims) -> Iterator[Case]:
    """What a logout token has to say for itself."""
    event, subject = TokenRefusal.EVENT, TokenRefusal.SUBJECT
    yield "an ID token", _with(claims, nonce=NONCE), TokenRefusal.KIND
    yield "no event", _without(claims, "events"), event
    yield "another event", _with(claims, events={"https://other.example": {}}), event
    yield "events in a list", _with(claims, events=[LOGOUT_EVENT]), event
    yield "an event that is text", _with(claims, events={LOGOUT_EVENT: "yes"}), event
    nobody = {key: value for key, value in claims.items() if key not in {"sub", "sid"}}
    yield "about nobody", signed(nobody), subject
    yield "an empty session", _with(claims, sid=""), subject
    yield "a session that is a number", _with(claims, sid=7), subject
    yield "no id", _without(claims, "jti"), TokenRefusal.NO_ID
    yield "an id that is a number", _with(claims, jti=7), TokenRefusal.NO_ID
    yield "six minutes old", _with(claims, iat=later(minutes=-6)), TokenRefusal.TIMES


def _differing(
    cases: Iterator[Case], verify: Callable[[str], object]
) -> Mapping[str, tuple[object, TokenRefusal]]:
    found = {name: (verify(token), wanted) for name, token, wanted in cases}
    return {name: pair for name, pair in found.items() if pair[0] is not pair[1]}


def test_no_forged_id_token_is_believed(provider: Provider):
    """By key, algorithm, issuer, audience, time, nonce, kind and subject: each case by its name."""
    claims = id_claims(provider.profile)
    families = (_forged, _for_others, _out_of_time, _id_tokens)
    cases = [case for family in families for case in family(claims)]

    def verify(token: str) -> object:
        return verify_id_token(token, published_keys(), provider, nonce=NONCE, now=NOW)

    assert len(cases) >= 40
    assert _differing(iter(cases), verify) == {}


def test_no_forged_logout_token_is_believed(provider: Provider):
    """The same, and what tells it from an ID token."""
    claims = logout_claims(provider.profile)
    families = (_forged, _for_others, _out_of_time, _logout_tokens)

    def verify(token: str) -> object:
        return verify_logout_token(token, published_keys(), provider, now=NOW)

    cases = (case for family in families for case in family(claims))
    assert _differing(cases, verify) == {}


def test_a_true_id_token_is_believed(provider: Provider):
    """By the key it names, by any published one where it names none, a little late or early."""
    claims = id_claims(provider.profile)
    tokens = {
        "as it comes": signed(claims),
        "without a key's name": signed(claims, Signing({"alg": "RS256"})),
        "with a thumbprint": signed(claims, Signing({"alg": "RS256", "kid": "theirs", "x5t": "a"})),
        "audience in a list": _with(claims, aud=[CLIENT], azp=CLIENT),
        "clocks half a minute apart": _with(claims, iat=SECONDS + 29),
    }

    found = {
        name: verify_id_token(token, published_keys(curve_key()), provider, nonce=NONCE, now=NOW)
        for name, token in tokens.items()
    }

    assert {name: one for name, one in found.items() if isinstance(one, TokenRefusal)} == {}


def test_a_true_logout_token_says_who_signed_out(provider: Provider):
    """Of one session, or of all of theirs; whatever letters its kind is written in."""
    claims = logout_claims(provider.profile)
    kind = Signing({"alg": "RS256", "kid": "theirs", "typ": "Logout+JWT"})

    one = verify_logout_token(signed(claims, kind), published_keys(), provider, now=NOW)
    every = verify_logout_token(_without(claims, "sid"), published_keys(), provider, now=NOW)

    assert isinstance(one, SignedOut)
    assert (one.issuer, one.subject, one.session) == (provider.issuer, claims["sub"], "session-1")
    assert isinstance(every, SignedOut)
    assert (every.subject, every.session) == (claims["sub"], None)


def test_keys_that_are_not_for_signing_sign_nothing(provider: Provider):
    """A key for encryption, or for another algorithm, is none; nor where nothing is published."""
    claims = id_claims(provider.profile)
    key = signing_key().as_dict(private=False)
    published: dict[str, list[Any]] = {
        "for encryption": [{**key, "use": "enc"}],
        "for another algorithm": [{**key, "alg": "PS256"}],
        "none": [],
    }

    found = {
        name: verify_id_token(
            signed(claims),
            KeySet([RSAKey.import_key(one) for one in keys]),
            provider,
            nonce=NONCE,
            now=NOW,
        )
        for name, keys in published.items()
    }

    assert set(found.values()) == {TokenRefusal.NO_KEY}, found


def test_how_they_signed_in_is_held_against_what_was_asked(tmp_path: Path):
    """Where the provider says it; a way that was not asked for is refused."""
    provider = a_provider(tmp_path, ProviderKind.NHS_CIS2, 'acr_values = "AAL3_ANY"')
    claims = id_claims(ProviderKind.NHS_CIS2)

    found = [
        verify_id_token(_with(claims, acr=acr), published_keys(), provider, nonce=NONCE, now=NOW)
        for acr in ("AAL3_ANY", "AAL1_USERPASS", 3)
    ]

    assert not isinstance(found[0], TokenRefusal)
    assert found[1:] == [TokenRefusal.CONTEXT] * 2


def test_the_token_of_one_provider_is_not_another_s(tmp_path: Path):
    """Two providers of one key and one client id are told apart by their issuer (mix-up)."""
    provider = a_provider(tmp_path, ProviderKind.ENTRA_ID)
    claims = {**id_claims(ProviderKind.ENTRA_ID), "iss": issuer_of(ProviderKind.NHS_CIS2)}

    found = verify_id_token(signed(claims), published_keys(), provider, nonce=NONCE, now=NOW)

    assert found is TokenRefusal.ISSUER
