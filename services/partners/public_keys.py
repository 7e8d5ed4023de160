"""The public keys that a partner signs with, from PEM (RFC 7468) or JSON Web Keys (RFC 7517)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key

from services.partners.errors import OnboardingError

_FEWEST_RSA_BITS = 2048
_CURVES = {"P-256", "P-384", "Ed25519"}
_MOST_KEYS = 10
_LONGEST_ID = 128
_BITS_A_CHARACTER = 6


@dataclass(frozen=True, slots=True)
class PublicKey:
    """One key by its id: the partner's own, or the thumbprint of the key (RFC 7638)."""

    kid: str
    jwk: Mapping[str, str]


def keys_from_pem(text: bytes) -> Sequence[PublicKey]:
    """The one key of a PEM file. Raises OnboardingError, also for a private key."""
    if b"PRIVATE" in text:
        raise OnboardingError("public-key", "is-a-private-key: keep that, and give the public one")
    try:
        native = load_pem_public_key(text)
    except (ValueError, UnsupportedAlgorithm):
        raise OnboardingError("public-key", "is-no-public-key-in-pem") from None
    match native:
        case RSAPublicKey():
            _require_strong(native.key_size)
            return [_checked(RSAKey.import_key(native))]
        case EllipticCurvePublicKey():
            return [_checked(ECKey.import_key(native))]
        case Ed25519PublicKey():
            return [_checked(OKPKey.import_key(native))]
        case _:
            raise OnboardingError("public-key", f"is-none-of: RSA, {', '.join(sorted(_CURVES))}")


def keys_from_jwks(text: bytes) -> Sequence[PublicKey]:
    """The keys of a JWK Set, or one JWK. Raises OnboardingError, also for private keys."""
    try:
        document = json.loads(text)
    except ValueError:
        raise OnboardingError("jwks", "is-not-json") from None
    found = document.get("keys", [document]) if isinstance(document, dict) else None
    if not isinstance(found, list) or not 0 < len(found) <= _MOST_KEYS:
        raise OnboardingError("jwks", f"has-not-1-to-{_MOST_KEYS}-keys")
    keys = [_from_jwk(one) for one in found]
    if len({key.kid for key in keys}) < len(keys):
        raise OnboardingError("jwks", "has-two-keys-of-one-id")
    return keys


def _from_jwk(jwk: Any) -> PublicKey:
    if not isinstance(jwk, dict) or jwk.get("kty") not in {"EC", "OKP", "RSA"}:
        raise OnboardingError("jwks", "has-what-is-no-key-to-sign-with")
    if "d" in jwk:
        raise OnboardingError("jwks", "has-a-private-key: keep that, and give the public one")
    if jwk.get("use", "sig") != "sig":
        raise OnboardingError("jwks", "has-a-key-that-is-not-for-signing")
    try:
        if jwk["kty"] == "RSA":
            _require_strong(len(jwk["n"]) * _BITS_A_CHARACTER)
        return _checked(import_key(jwk))
    except (JoseError, ValueError, TypeError, KeyError):
        raise OnboardingError("jwks", "has-a-key-that-cannot-be-read") from None


def _require_strong(bits: int) -> None:
    if bits < _FEWEST_RSA_BITS:
        raise OnboardingError("public-key", f"has-fewer-than-{_FEWEST_RSA_BITS}-bits")


def _checked(key: Key) -> PublicKey:
    if isinstance(key, ECKey | OKPKey) and key.curve_name not in _CURVES:
        raise OnboardingError("public-key", f"is-none-of: RSA, {', '.join(sorted(_CURVES))}")
    kid = key.kid or key.thumbprint()
    if len(kid) > _LONGEST_ID or not kid.isprintable():
        raise OnboardingError("public-key", "has-an-id-that-is-too-long-or-not-printable")
    jwk = key.as_dict(private=False)
    return PublicKey(kid, {name: value for name, value in jwk.items() if isinstance(value, str)})
