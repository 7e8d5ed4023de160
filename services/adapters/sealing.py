"""Encryption: JWE on the bus, AES-GCM at rest, both under the person's data key."""

import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.identifiers import PersonId
from services.adapters import compact_jwe
from services.errors import KeyUnusableError

_NONCE_BYTES = 12

DataKey = Callable[[PersonId], bytes]
"""A person's 32-byte data key; raises KeyDestroyedError when it is gone."""


class JweSealer:
    """Compact JWE with direct A256GCM (RFC 7516, RFC 7518 section 4.5), one key a person."""

    def __init__(self, data_key: DataKey) -> None:
        self._data_key = data_key

    def seal(self, person: PersonId, plain: bytes) -> bytes:
        """Encrypt for the person; `kid` is the opaque person id."""
        return compact_jwe.encrypt(self._data_key(person), plain, key_id=person)

    def open(self, person: PersonId, sealed: bytes) -> bytes:
        """Decrypt. Raises KeyUnusableError when it is not under this person's key."""
        return compact_jwe.decrypt(self._data_key(person), sealed)


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
