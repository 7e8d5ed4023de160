"""Encryption: JWE on the bus, AES-GCM at rest, both under the person's data key."""

import os
from collections.abc import Callable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from schemas.identifiers import PersonId
from services.errors import KeyUnusableError

_NONCE_BYTES = 12
_HEADER = {"alg": "dir", "enc": "A256GCM"}

DataKey = Callable[[PersonId], bytes]
"""A person's 32-byte data key; raises KeyDestroyedError when it is gone."""


class JweSealer:
    """Compact JWE with direct A256GCM (RFC 7516, RFC 7518 section 4.5), one key a person."""

    def __init__(self, data_key: DataKey) -> None:
        self._data_key = data_key

    def seal(self, person: PersonId, plain: bytes) -> bytes:
        """Encrypt for the person; `kid` is the opaque person id."""
        key = OctKey.import_key(self._data_key(person))
        return jwe.encrypt_compact(_HEADER | {"kid": person}, plain, key).encode()

    def open(self, person: PersonId, sealed: bytes) -> bytes:
        """Decrypt. Raises KeyUnusableError when it is not under this person's key."""
        key = OctKey.import_key(self._data_key(person))
        try:
            opened = jwe.decrypt_compact(sealed, key)
        except (JoseError, ValueError):
            raise KeyUnusableError("an event is not under its person's key") from None
        if opened.plaintext is None:
            raise KeyUnusableError("an event has no content")
        return opened.plaintext


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
