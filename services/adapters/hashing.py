"""Keyed hashes: opaque ids that tell nothing to who has not the key (HMAC, RFC 2104)."""

import hmac
from hashlib import sha256

_SEPARATOR = b"\x1f"


class KeyedHasher:
    """Opaque ids under one installation's linking key."""

    def __init__(self, key: bytes) -> None:
        self._keyed = hmac.new(key, digestmod=sha256)

    def digest(self, kind: str, *parts: str) -> bytes:
        """32 bytes; `kind` keeps hashes of different things apart."""
        keyed = self._keyed.copy()
        keyed.update(_SEPARATOR.join(part.encode() for part in (kind, *parts)))
        return keyed.digest()

    def opaque(self, kind: str, *parts: str) -> str:
        """The same as 64 hexadecimal digits."""
        return self.digest(kind, *parts).hex()
