"""Public keys are taken from what partners have; private halves are sent back."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from services.interfaces.partners.errors import OnboardingError
from services.interfaces.partners.oauth.clients import keys_from_jwks, keys_from_pem
from tests.support.assertions import ED25519, P256, P384, RSA

WEAK = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505 to be refused
KEYS = [P256, P384, ED25519, RSA]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: str(key.kid))
def test_a_pem_file_gives_its_key_under_its_thumbprint(key: ECKey | OKPKey | RSAKey):
    """PEM has no id of its own (RFC 7638)."""
    (found,) = keys_from_pem(key.as_pem(private=False))

    assert found.kid == key.thumbprint()
    assert "d" not in found.jwk


def test_a_set_gives_its_keys_under_their_own_ids():
    """One key by itself is a set of one."""
    document = {"keys": [key.as_dict(private=False) for key in KEYS]}
    alone = json.dumps(P256.as_dict(private=False)).encode()

    found = keys_from_jwks(json.dumps(document).encode())

    assert [key.kid for key in found] == ["p-256", "p-384", "ed25519", "rsa"]
    assert keys_from_jwks(alone)[0].kid == "p-256"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"no key",
        P256.as_pem(private=True),
        WEAK.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        ECKey.generate_key("P-521").as_pem(private=False),
        OKPKey.generate_key("Ed448").as_pem(private=False),
        OKPKey.generate_key("X25519").as_pem(private=False),
    ],
    ids=["empty", "text", "private", "weak", "p-521", "ed448", "x25519"],
)
def test_a_pem_file_with_anything_else_is_refused(text: bytes):
    """Private, weak, or on a curve that is not taken."""
    with pytest.raises(OnboardingError, match="public-key"):
        keys_from_pem(text)


@pytest.mark.parametrize(
    "document",
    [
        None,
        [],
        {"keys": []},
        {"keys": [1]},
        {"keys": [P256.as_dict(private=True)]},
        {"keys": [P256.as_dict(private=False), P256.as_dict(private=False)]},
        {"keys": [OctKey.generate_key(256).as_dict(private=True)]},
        {"keys": [P256.as_dict(private=False) | {"use": "enc"}]},
        {"keys": [P256.as_dict(private=False) | {"x": "!"}]},
        {"keys": [P256.as_dict(private=False) | {"kid": "x" * 200}]},
        {"keys": [RSA.as_dict(private=False) | {"kid": str(n)} for n in range(11)]},
        {"keys": [RSA.as_dict(private=False) | {"n": "AQAB"}]},
        {"kty": "EC"},
    ],
    ids=range(13),
)
def test_a_set_with_anything_else_is_refused(document: object):
    """Also where only one of its keys is wrong."""
    with pytest.raises(OnboardingError):
        keys_from_jwks(json.dumps(document).encode())


def test_what_is_no_json_is_refused():
    """By its place."""
    with pytest.raises(OnboardingError, match="jwks"):
        keys_from_jwks(b"{")
