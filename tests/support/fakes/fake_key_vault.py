"""A key vault in memory, shaped as a KMS is: handles and tables, and no key ever comes out."""

import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.vault import SecretName, WrappedKey

_HANDLE_BYTES = 8
_MARK = b"fake"


@dataclass(slots=True)
class FakeKeyVault:
    """Remembers each data key by its handle, and each wrapping by what it gave out."""

    _seed: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    _keys: dict[bytes, bytes | None] = field(default_factory=dict)
    _wrappings: dict[bytes, tuple[int, str]] = field(default_factory=dict)
    _versions: list[int] = field(default_factory=lambda: [1])

    def wrap(self, data_key: bytes, *, holder: str, under: int | None = None) -> WrappedKey:
        handle = secrets.token_bytes(_HANDLE_BYTES)
        self._keys[handle] = data_key
        return self._wrapped(handle, holder, under)

    def unwrap(self, wrapped: bytes, *, holder: str) -> bytes:
        handle = self.handle_of(wrapped)
        if wrapped not in self._wrappings or self._wrappings[wrapped][1] != holder:
            raise KeyUnusableError("not of this vault or holder")
        found = self._keys[handle]
        if found is None:
            raise KeyDestroyedError("destroyed")
        if self._wrappings[wrapped][0] not in self._versions:
            raise KeyUnusableError("its wrapping key was destroyed")
        return found

    def rewrap(self, wrapped: bytes, *, holder: str) -> WrappedKey:
        self.unwrap(wrapped, holder=holder)
        return self._wrapped(self.handle_of(wrapped), holder)

    def handle_of(self, wrapped: bytes) -> bytes:
        if not wrapped.startswith(_MARK):
            raise KeyUnusableError("not of this vault")
        return wrapped[len(_MARK) :][:_HANDLE_BYTES]

    def is_destroyed(self, wrapped: bytes) -> bool:
        return self._keys[self.handle_of(wrapped)] is None

    def destroy(self, handles: Collection[bytes]) -> int:
        there = [handle for handle in handles if self._keys[handle] is not None]
        self._keys.update(dict.fromkeys(there))
        return len(there)

    def keep_clear_of(self, handles: Collection[bytes]) -> None:
        """Handles are random: none comes again."""

    def counts(self) -> tuple[int, int]:
        return len(self._keys), sum(key is None for key in self._keys.values())

    def versions(self) -> Sequence[int]:
        return self._versions

    def add_version(self) -> int:
        self._versions.append(self._versions[-1] + 1)
        return self._versions[-1]

    def destroy_version(self, version: int) -> None:
        if version == self._versions[-1]:
            raise KeyUnusableError("the newest")
        if version in self._versions:
            self._versions.remove(version)

    def secret(self, name: SecretName) -> bytes:
        return sha256(self._seed + name.encode()).digest()

    def _wrapped(self, handle: bytes, holder: str, under: int | None = None) -> WrappedKey:
        version = self._versions[-1] if under is None else under
        if version not in self._versions:
            raise KeyUnusableError("no such wrapping key")
        content = _MARK + handle + secrets.token_bytes(16)
        self._wrappings[content] = (version, holder)
        return WrappedKey(content, version)
