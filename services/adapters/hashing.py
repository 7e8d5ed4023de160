"""Keyed hashes: opaque ids that tell nothing to who has not the key (BLAKE2b, RFC 7693)."""

from hashlib import blake2b

_SEPARATOR = b"\x1f"
_DIGEST_BYTES = 32


class KeyedHasher:
    """Opaque ids under one installation's linking key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def digest(self, kind: str, *parts: str) -> bytes:
        """32 bytes; `kind` keeps hashes of different things apart."""
        message = _SEPARATOR.join([part.encode() for part in (kind, *parts)])
        return blake2b(message, key=self._key, digest_size=_DIGEST_BYTES).digest()

    def opaque(self, kind: str, *parts: str) -> str:
        """The same as 64 hexadecimal digits."""
        return self.digest(kind, *parts).hex()
