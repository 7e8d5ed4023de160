"""Who asks for a token: by an assertion signed with a key of theirs, or by a secret shown once."""

import hmac
import json
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final, assert_never

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key
from joserfc.jws import CompactSignature, JWSRegistry

from connectors.parsing.plain_text import place_of_no_text
from schemas.vocabulary import LabelledCode
from services.interfaces.partners.errors import OnboardingError
from services.interfaces.partners.ports import Credentials, Partner, PartnerId, PartnerWork

# Why a partner was not taken for who it says it is: for the log, never for the caller.


class ClientRefusal(StrEnum):
    """One reason. Callers are told `invalid_client` whichever it is, but for what is no text."""

    UNKNOWN = "unknown-client"
    SUSPENDED = "suspended"
    WRONG_SECRET = "wrong-secret"  # noqa: S105 a reason
    UNREADABLE = "assertion-unreadable"
    ALGORITHM = "algorithm-not-taken"
    NO_KEY = "no-key-of-this-id"
    SIGNATURE = "signature-wrong"
    ISSUER = "issuer-or-subject-wrong"
    AUDIENCE = "audience-wrong"
    TIMES = "times-wrong"
    NO_ID = "id-missing"
    USED_BEFORE = "used-before"
    NOT_TEXT = "not-text"


# Assertions by which a partner shows that it holds its private key (RFC 7523 section 3).

ALGORITHMS: Final = (
    *("ES256", "ES384", "Ed25519", "EdDSA"),
    *("PS256", "PS384", "PS512", "RS256", "RS384", "RS512"),
)
LONGEST_LIFE: Final = timedelta(minutes=5)
_LONGEST_TEXT: Final = 8192
_LONGEST_ID: Final = 255
_CLOCKS_DIFFER: Final = timedelta(seconds=30)

Keys = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, repr=False)
class UnverifiedAssertion:
    """An assertion as it came: who it says it is from is not known to be true yet."""

    client: str
    signature: CompactSignature
    claims: Mapping[str, Any]


@dataclass(frozen=True, slots=True, repr=False)
class VerifiedAssertion:
    """What is left to do with one that is true: see that it is shown once."""

    token_id: str
    until: datetime


class _Registry(JWSRegistry):
    """The allow-list; `EdDSA` stands for Ed25519, the one curve taken (RFC 9864 section 2.2)."""

    algorithms = JWSRegistry.algorithms | {"EdDSA": JWSRegistry.algorithms["Ed25519"]}


_REGISTRY = _Registry(algorithms=ALGORITHMS, strict_check_header=False)


def read_assertion(text: str) -> UnverifiedAssertion | ClientRefusal:
    """What an assertion says, before anything of it is believed."""
    if len(text) > _LONGEST_TEXT:
        return ClientRefusal.UNREADABLE
    try:
        signature = jws.extract_compact(text.encode("ascii"), registry=_REGISTRY)
        claims = json.loads(signature.payload, parse_constant=_refuse_constant)
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        return ClientRefusal.UNREADABLE
    if place_of_no_text([signature.headers(), claims], "client_assertion") is not None:
        return ClientRefusal.NOT_TEXT
    if not isinstance(claims, dict) or not isinstance(claims.get("sub"), str):
        return ClientRefusal.UNREADABLE
    return UnverifiedAssertion(claims["sub"], signature, claims)


def verify_assertion(
    found: UnverifiedAssertion, keys: Keys, *, audiences: Collection[str], now: datetime
) -> VerifiedAssertion | ClientRefusal:
    """Check (1) algorithm, (2) key and signature, (3) iss and sub, (4) aud, (5) times, (6) jti."""
    refused = _refusal_of_signature(found.signature, keys)
    if refused is None:
        refused = _refusal_of_names(found, audiences)
    return _live(found.claims, now) if refused is None else refused


def _refusal_of_signature(signature: CompactSignature, keys: Keys) -> ClientRefusal | None:
    # (1) An allow-list: neither `none` nor a secret, whatever the header says (RFC 8725, 3.1).
    headers = signature.headers()
    if headers.get("alg") not in ALGORITHMS or "crit" in headers or "b64" in headers:
        return ClientRefusal.ALGORITHM
    # (2) The key that `kid` names, or each of the partner's few.
    kid = headers.get("kid")
    candidates = [key for name, key in keys.items() if kid is None or name == kid]
    if not candidates:
        return ClientRefusal.NO_KEY
    is_true = any(_is_signed_by(signature, key) for key in candidates)
    return None if is_true else ClientRefusal.SIGNATURE


def _refusal_of_names(
    found: UnverifiedAssertion, audiences: Collection[str]
) -> ClientRefusal | None:
    # (3) The partner speaks for itself alone.
    if found.claims.get("iss") != found.client:
        return ClientRefusal.ISSUER
    # (4) It was made for us, not passed on by another server.
    audience = found.claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    is_ours = any(isinstance(one, str) and one in audiences for one in named)
    return None if is_ours else ClientRefusal.AUDIENCE


def _live(claims: Mapping[str, Any], now: datetime) -> VerifiedAssertion | ClientRefusal:
    # (5) It is short-lived, and it lives.
    until = _time(claims.get("exp"))
    if until is None or not now < until <= now + LONGEST_LIFE or not _has_begun(claims, now):
        return ClientRefusal.TIMES
    # (6) It can be told from others.
    token_id = claims.get("jti")
    if not isinstance(token_id, str) or not 0 < len(token_id) <= _LONGEST_ID:
        return ClientRefusal.NO_ID
    return VerifiedAssertion(token_id, until)


def _is_signed_by(signature: CompactSignature, key: Mapping[str, str]) -> bool:
    try:
        return jws.validate_compact(signature, import_key(dict(key)), registry=_REGISTRY)
    except (JoseError, ValueError, TypeError, KeyError):
        return False  # of another type or curve than the algorithm takes


def _has_begun(claims: Mapping[str, Any], now: datetime) -> bool:
    """Whether neither `nbf` nor `iat` is in the future, as far as clocks agree."""
    begins = [_time(claims[name]) for name in ("nbf", "iat") if name in claims]
    return all(begin is not None and begin <= now + _CLOCKS_DIFFER for begin in begins)


def _time(value: object) -> datetime | None:
    """A NumericDate (RFC 7519 section 2); None for anything else, or for what no calendar has."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


class ClientMethod(LabelledCode):
    """How a partner shows who it is, as OAuth names it with hyphens."""

    PRIVATE_KEY_JWT = "private-key-jwt", "A JWT signed with its private key"
    CLIENT_SECRET = "client-secret", "A secret that it was given"


@dataclass(frozen=True, slots=True, repr=False)
class ShownAssertion:
    """A client assertion, and the client id where the form has one too."""

    assertion: str
    client_id: str | None


@dataclass(frozen=True, slots=True, repr=False)
class ShownSecret:
    """Client id and secret, in the form or as Basic authentication."""

    client_id: str
    secret: str


Shown = ShownAssertion | ShownSecret


@dataclass(frozen=True, slots=True)
class Authenticated:
    """It is who it says; `claims` are those of its assertion, which it has signed."""

    partner: Partner
    method: ClientMethod
    claims: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class NotAuthenticated:
    """It is not, or not now; `partner` only where it is one of ours."""

    why: ClientRefusal
    partner: PartnerId | None = None


def authenticate(
    shown: Shown, *, work: PartnerWork, audiences: Collection[str]
) -> Authenticated | NotAuthenticated:
    """Tell who asks. An assertion that is true counts as shown when the transaction commits."""
    match shown:
        case ShownAssertion():
            return _by_assertion(shown, work, audiences)
        case ShownSecret():
            return _by_secret(shown, work)
        case _:
            assert_never(shown)


def secret_hash(partner: PartnerId, secret: str, work: PartnerWork) -> bytes:
    """What is kept of a secret.

    A keyed hash is enough: 256 random bits are not guessed, so nothing is gained by slow hashing
    (which is for what people think up), and the key is not in the database.
    """
    return work.digest("client-secret", partner, secret)


def _by_assertion(
    shown: ShownAssertion, work: PartnerWork, audiences: Collection[str]
) -> Authenticated | NotAuthenticated:
    found = read_assertion(shown.assertion)
    if isinstance(found, ClientRefusal):
        return NotAuthenticated(found)
    known = _known(found.client, work)
    if known is None:
        return NotAuthenticated(ClientRefusal.UNKNOWN)
    partner = known.partner
    if shown.client_id not in {None, found.client}:
        return NotAuthenticated(ClientRefusal.ISSUER, partner.id)
    true = verify_assertion(found, known.keys, audiences=audiences, now=work.now)
    if isinstance(true, ClientRefusal):
        return NotAuthenticated(true, partner.id)
    token_id = work.digest("assertion", partner.id, true.token_id)
    if not work.assertions.use(partner.id, token_id, until=true.until, at=work.now):
        return NotAuthenticated(ClientRefusal.USED_BEFORE, partner.id)
    return _unless_suspended(partner, ClientMethod.PRIVATE_KEY_JWT, found.claims)


def _by_secret(shown: ShownSecret, work: PartnerWork) -> Authenticated | NotAuthenticated:
    known = _known(shown.client_id, work)
    if known is None:
        return NotAuthenticated(ClientRefusal.UNKNOWN)
    given = secret_hash(known.partner.id, shown.secret, work)
    matches = [hmac.compare_digest(given, kept) for kept in known.secret_hashes]
    if not any(matches):
        return NotAuthenticated(ClientRefusal.WRONG_SECRET, known.partner.id)
    return _unless_suspended(known.partner, ClientMethod.CLIENT_SECRET, {})


def _known(client: str, work: PartnerWork) -> Credentials | None:
    return work.credentials.find(PartnerId(client), at=work.now)


def _unless_suspended(
    partner: Partner, method: ClientMethod, claims: Mapping[str, Any]
) -> Authenticated | NotAuthenticated:
    if partner.suspended_at is not None:
        return NotAuthenticated(ClientRefusal.SUSPENDED, partner.id)
    return Authenticated(partner, method, claims)


# The public keys that a partner signs with, from PEM (RFC 7468) or JSON Web Keys (RFC 7517).

_FEWEST_RSA_BITS = 2048
_CURVES = {"P-256", "P-384", "Ed25519"}
_MOST_KEYS = 10
_LONGEST_KEY_ID = 128
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
    if len(kid) > _LONGEST_KEY_ID or not kid.isprintable():
        raise OnboardingError("public-key", "has-an-id-that-is-too-long-or-not-printable")
    jwk = key.as_dict(private=False)
    return PublicKey(kid, {name: value for name, value in jwk.items() if isinstance(value, str)})
