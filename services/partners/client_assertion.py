"""Assertions by which a partner shows that it holds its private key (RFC 7523 section 3)."""

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import import_key
from joserfc.jws import CompactSignature, JWSRegistry

from services.partners.client_refusals import ClientRefusal

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
