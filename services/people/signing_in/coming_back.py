"""What a browser brought back from a provider, before anything of it is believed."""

import hashlib
import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Final, TypeVar

from joserfc.jwk import KeySet

from services.people.signing_in.discovery import Acquaintance, Description
from services.people.signing_in.exchanging import Tokens
from services.people.signing_in.ports import ProviderRefusal, Returned
from services.people.signing_in.tokens import Claims, SignedOut, Signs, TokenRefusal

_LONGEST_CODE: Final = 8192
_AGAIN_LATER: Final = frozenset({"server_error", "temporarily_unavailable"})
_Believed = TypeVar("_Believed", Claims, SignedOut)


def refusal_of(
    returned: Returned, provider: Signs, description: Description
) -> ProviderRefusal | None:
    """(2) it names itself if it said that it would (RFC 9207); (3) it let them in."""
    is_named = returned.issuer is not None or description.tells_issuer
    if is_named and returned.issuer != provider.issuer:
        return ProviderRefusal.MIXED_UP
    if returned.error is not None:
        is_away = returned.error in _AGAIN_LATER
        return ProviderRefusal.AWAY if is_away else ProviderRefusal.DENIED
    return None


def is_code(code: str | None) -> bool:
    """Whether it can be one: printable ASCII, and not endless."""
    is_text = code is not None and 0 < len(code) <= _LONGEST_CODE
    return is_text and all(" " <= letter <= "~" for letter in code or "")


def by_keys(
    verify: Callable[[KeySet], _Believed | TokenRefusal], acquaintance: Acquaintance, over: float
) -> _Believed | TokenRefusal:
    """By the keys that we know; by newer ones if none of them has that id (a rotated key)."""
    keys = acquaintance.keys(over)
    found = verify(keys)
    if found is not TokenRefusal.NO_KEY:
        return found
    newer = acquaintance.newer_keys(keys, over)
    return found if newer is keys else verify(newer)


def is_hash_of(stated: object, tokens: Tokens) -> bool:
    """Left half of the access token's hash, by the algorithm that signed the ID token."""
    header, _, _ = tokens.id_token.partition(".")
    algorithm = json.loads(urlsafe_b64decode(header + "=" * (-len(header) % 4)))["alg"]
    digest = hashlib.new(f"sha{algorithm[-3:]}", tokens.access_token.encode()).digest()
    wanted = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=")
    return isinstance(stated, str) and hmac.compare_digest(stated.encode(errors="replace"), wanted)
