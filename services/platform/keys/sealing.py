"""Encryption: JWE on the bus, AES-GCM at rest, both under the person's data key."""

import os
from binascii import Error as Base64Error
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.identifiers import PersonId
from services.platform.errors import KeyUnusableError

# JWE in compact form with one key for all of it: RFC 7516 section 3.1, `dir` and `A256GCM` only.
#
# Nothing else is ever sealed here, so nothing else is opened; a library that can do it all takes
# ten times as long over each message, for what is one call of AES-GCM.

_NONCE_BYTES = 12
_TAG_BYTES = 16
_PARTS = 5
_KNOWN = frozenset({"alg", "enc", "kid", "typ", "cty"})
_TO_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_FROM_URL_SAFE = bytes.maketrans(b"-_+/", b"+/??")  # + and / are no letters of base64url


def encrypt(key: bytes, plain: bytes, *, key_id: str) -> bytes:
    """Seal; `key_id` is told in the clear."""
    header = _encoded(orjson.dumps({"alg": "dir", "enc": "A256GCM", "kid": key_id}))
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plain, header)
    content, tag = sealed[:-_TAG_BYTES], sealed[-_TAG_BYTES:]
    return b".".join((header, b"", _encoded(nonce), _encoded(content), _encoded(tag)))


def decrypt(key: bytes, sealed: bytes) -> bytes:
    """Open, by the steps of RFC 7516 section 5.2 that direct encryption leaves.

    Raises KeyUnusableError.
    """
    # (1) Five parts, and no encrypted key where the key is agreed (steps 1 and 10).
    parts = sealed.split(b".")
    if len(parts) != _PARTS or parts[1]:
        raise _not_opened()
    header, _, nonce, content, tag = parts
    try:
        # (2) A header that says what we do, and nothing that we do not know (steps 3 to 5).
        _require_known(orjson.loads(_decoded(header)))
        # (3) Parts of their proper lengths (RFC 7518 section 5.3); then decrypt (step 16).
        iv, end = _decoded(nonce), _decoded(tag)
        if len(iv) != _NONCE_BYTES or len(end) != _TAG_BYTES:
            raise _not_opened()
        return AESGCM(key).decrypt(iv, _decoded(content) + end, header)
    except (Base64Error, orjson.JSONDecodeError, InvalidTag, ValueError):
        raise _not_opened() from None


def _require_known(header: object) -> None:
    if not isinstance(header, dict) or not header.keys() <= _KNOWN:
        raise _not_opened()
    if (header.get("alg"), header.get("enc")) != ("dir", "A256GCM"):
        raise _not_opened()


def _not_opened() -> KeyUnusableError:
    return KeyUnusableError("an event is not under its person's key")


def _encoded(content: bytes) -> bytes:
    return b2a_base64(content, newline=False).translate(_TO_URL_SAFE).rstrip(b"=")


def _decoded(text: bytes) -> bytes:
    padding = b"=" * (-len(text) % 4)
    return a2b_base64(text.translate(_FROM_URL_SAFE) + padding, strict_mode=True)


DataKey = Callable[[PersonId], bytes]
"""A person's 32-byte data key; raises KeyDestroyedError when it is gone."""


class JweSealer:
    """Compact JWE with direct A256GCM (RFC 7516, RFC 7518 section 4.5), one key a person."""

    def __init__(self, data_key: DataKey) -> None:
        self._data_key = data_key

    def seal(self, person: PersonId, plain: bytes) -> bytes:
        """Encrypt for the person; `kid` is the opaque person id."""
        return encrypt(self._data_key(person), plain, key_id=person)

    def open(self, person: PersonId, sealed: bytes) -> bytes:
        """Decrypt. Raises KeyUnusableError when it is not under this person's key."""
        return decrypt(self._data_key(person), sealed)


def seal_at_rest(key: bytes, plain: bytes, *, bound_to: str) -> bytes:
    """AES-256-GCM with a random nonce in front; `bound_to` must be told again to open it."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound_to.encode())


def open_at_rest(key: bytes, sealed: bytes, *, bound_to: str) -> bytes:
    """Back from seal_at_rest. Raises KeyUnusableError."""
    try:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound_to.encode())
    except (InvalidTag, ValueError):
        raise KeyUnusableError("stored content is not under its key") from None
