"""Assertions: what is true is believed, and nothing else (RFC 7523, RFC 8725)."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, OKPKey

from services.interfaces.partners.oauth.clients import (
    ClientRefusal,
    VerifiedAssertion,
    read_assertion,
    verify_assertion,
)
from tests.support.assertions import ED25519, KEY_OF, P256, P384, RSA, SECRET, an_assertion, public
from tests.support.builders import NOW
from tests.support.partners import PUBLIC_URL

AUDIENCES = {PUBLIC_URL, f"{PUBLIC_URL}/oauth/token"}
AT = int(NOW.timestamp())
_NAMES = st.sampled_from(["alg", "kid", "crit", "b64", "typ", "jwk", "sub", "iss", "exp"])
ANOTHER = ECKey.generate_key("P-256", {"kid": "p-256"})


def verified(text: str, *keys: Key) -> VerifiedAssertion | ClientRefusal:
    """Read and verify with these keys, or with that of the usual assertion."""
    found = read_assertion(text)
    if isinstance(found, ClientRefusal):
        return found
    return verify_assertion(found, public(*(keys or (P256,))), audiences=AUDIENCES, now=NOW)


@pytest.mark.parametrize("algorithm", KEY_OF)
def test_what_a_partner_signed_is_true(algorithm: str):
    """With every algorithm of the allow-list."""
    key = KEY_OF[algorithm]

    assert isinstance(verified(an_assertion(key, algorithm), key), VerifiedAssertion)


def test_the_old_name_of_ed25519_is_understood():
    """Most libraries still write EdDSA (RFC 9864 section 2.2)."""
    text = an_assertion(ED25519, "Ed25519", {"alg": "Ed25519"})
    old = _resigned_as_eddsa()

    assert isinstance(verified(text, ED25519), VerifiedAssertion)
    assert isinstance(verified(old, ED25519), VerifiedAssertion)


@pytest.mark.parametrize(
    ("text", "keys", "why"),
    [
        (an_assertion(ANOTHER), (P256,), ClientRefusal.SIGNATURE),
        (an_assertion(SECRET, "HS256"), (P256, RSA), ClientRefusal.ALGORITHM),
        (an_assertion(P384, "ES384"), (P256,), ClientRefusal.NO_KEY),
        (an_assertion(P384, "ES384", {"kid": "p-256"}), (P256,), ClientRefusal.SIGNATURE),
        (an_assertion(header={"b64": True, "crit": ["b64"]}), (P256,), ClientRefusal.ALGORITHM),
        (an_assertion(header={"kid": "ed25519"}), (ED25519,), ClientRefusal.SIGNATURE),
    ],
    ids=["other-key", "secret", "no-such-key", "other-curve", "critical", "other-type"],
)
def test_what_it_did_not_sign_is_not(text: str, keys: tuple[Key, ...], why: ClientRefusal):
    """Whatever the header says."""
    assert verified(text, *keys) is why


def test_without_a_key_id_each_of_its_keys_is_tried():
    """Libraries leave it out where there is one key."""
    text = an_assertion(header={"kid": None})

    assert isinstance(verified(text, RSA, ED25519, P256), VerifiedAssertion)


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"iss": "another"}, ClientRefusal.ISSUER),
        ({"iss": None}, ClientRefusal.ISSUER),
        ({"aud": "https://another.example/oauth/token"}, ClientRefusal.AUDIENCE),
        ({"aud": None}, ClientRefusal.AUDIENCE),
        ({"aud": []}, ClientRefusal.AUDIENCE),
        ({"aud": {"aud": PUBLIC_URL}}, ClientRefusal.AUDIENCE),
        ({"exp": AT}, ClientRefusal.TIMES),
        ({"exp": AT + 301}, ClientRefusal.TIMES),
        ({"exp": None}, ClientRefusal.TIMES),
        ({"exp": str(AT + 60)}, ClientRefusal.TIMES),
        ({"exp": True}, ClientRefusal.TIMES),
        ({"exp": 1e300}, ClientRefusal.TIMES),
        ({"nbf": AT + 60}, ClientRefusal.TIMES),
        ({"iat": AT + 60}, ClientRefusal.TIMES),
        ({"iat": "now"}, ClientRefusal.TIMES),
        ({"jti": None}, ClientRefusal.NO_ID),
        ({"jti": ""}, ClientRefusal.NO_ID),
        ({"jti": 7}, ClientRefusal.NO_ID),
        ({"jti": "x" * 256}, ClientRefusal.NO_ID),
        ({"sub": None}, ClientRefusal.UNREADABLE),
        ({"sub": ["northfield-csc"]}, ClientRefusal.UNREADABLE),
    ],
    ids=str,
)
def test_what_it_signed_for_something_else_is_not_taken(claims: dict[str, Any], why: ClientRefusal):
    """Each claim has to be there and to be right."""
    assert verified(an_assertion(**claims)) is why


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": PUBLIC_URL},
        {"aud": ["https://another.example", PUBLIC_URL]},
        {"exp": AT + 300},
        {"exp": AT + 0.5},
        {"iat": AT, "nbf": AT},
        {"iat": AT + 20},
    ],
    ids=str,
)
def test_what_is_allowed_is_taken(claims: dict[str, Any]):
    """An issuer for an audience, several audiences, clocks that differ a little."""
    assert isinstance(verified(an_assertion(**claims)), VerifiedAssertion)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "e30.e30.", "x" * 9000, "é.é.é", "eyJhbGciOiJub25lIn0.e30."]
)
def test_what_is_no_assertion_is_told_so(text: str):
    """Nothing is raised for what somebody else writes."""
    assert verified(text) in {ClientRefusal.UNREADABLE, ClientRefusal.ALGORITHM}


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from(["", "ES256", "EdDSA", "none"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(_NAMES, inner, max_size=3),
    max_leaves=6,
)


@given(_ANYTHING, _ANYTHING, st.sampled_from(["", "A", "!", "AAAA", "AA" * 43]))
def test_whatever_it_holds_nothing_is_raised(header: object, claims: object, signature: str):
    """A header or claims of any type, and a signature of any length."""
    parts = (base64.urlsafe_b64encode(json.dumps(p).encode()) for p in (header, claims))
    text = ".".join(part.decode().rstrip("=") for part in parts)

    assert not isinstance(verified(f"{text}.{signature}", P256, RSA), VerifiedAssertion)


def test_an_unsigned_one_is_not_taken():
    """The algorithm `none` is none."""
    header, claims, _ = an_assertion().split(".")
    unsigned = "eyJhbGciOiJub25lIiwia2lkIjoicC0yNTYifQ"
    assert header

    assert verified(f"{unsigned}.{claims}.") in {ClientRefusal.ALGORITHM, ClientRefusal.UNREADABLE}


@given(st.data())
def test_a_changed_one_is_not_true(data: st.DataObject):
    """Any other character anywhere."""
    text = an_assertion()
    place = data.draw(st.integers(0, len(text) - 2))
    other = data.draw(st.sampled_from("abcXYZ019-_."))
    changed = text[:place] + other + text[place + 1 :]

    if changed != text:
        assert not isinstance(verified(changed), VerifiedAssertion)


def _resigned_as_eddsa() -> str:
    """The same with the header that says EdDSA, which joserfc warns of when it signs itself."""
    assert isinstance(ED25519, OKPKey)
    claims = an_assertion(ED25519, "Ed25519").split(".")[1]
    header = base64.urlsafe_b64encode(json.dumps({"alg": "EdDSA"}).encode()).decode().rstrip("=")
    signed = ED25519.private_key.sign(f"{header}.{claims}".encode())
    signature = base64.urlsafe_b64encode(signed).decode().rstrip("=")
    return f"{header}.{claims}.{signature}"
