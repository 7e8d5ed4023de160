"""What vaults share that keep something of each data key in a slot of `erasable-secrets`.

A data key is wrapped by AES key wrap (RFC 3394) under a key that is made of the wrapping key, the
secret of its slot and its holder; where the wrapping key lies and who makes that is the adapter's.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection
from struct import Struct
from typing import NamedTuple

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.files_secrets import ErasableSecrets
from services.platform.keys.vault import BEFORE_VERSIONS, WrappedKey

_BARE_BYTES = 40  # a 32-byte key by RFC 3394, and nothing in front of it: before versions
_SLOT_BYTES = 6
_FORMAT = b"\x01"
_LAYOUT = Struct(f">1sH{_SLOT_BYTES}s{_BARE_BYTES}s")  # format, version, slot, wrapped key
_LENGTH = _LAYOUT.size


class _Wrapped(NamedTuple):
    """What a wrapped key says of itself; `slot` is where its secret lies."""

    under: int
    slot: int | None
    content: bytes


class SlottedKeyVault(ABC):
    """Wraps, opens and forgets; an adapter says what a wrapping key of a version makes."""

    def __init__(self, erasable: ErasableSecrets) -> None:
        self._erasable = erasable

    @abstractmethod
    def _newest(self) -> int:
        """The version under which to wrap."""

    @abstractmethod
    def _key_of(self, under: int, secret: bytes, holder: str) -> bytes:
        """The key for one data key. Raises KeyUnusableError for a version that is not there."""

    def _open(self, under: int, secret: bytes, holder: str, content: bytes) -> bytes:
        """A data key. Raises KeyUnusableError."""
        return unwrap_with(self._key_of(under, secret, holder), holder, content)

    def _open_bare(self, holder: str, content: bytes) -> bytes:
        """A data key from before versions. Raises KeyUnusableError, always where none can be."""
        del content
        raise KeyUnusableError(f"the data key of {holder} is not wrapped by this vault")

    def wrap(self, data_key: bytes, *, holder: str, under: int | None = None) -> WrappedKey:
        """Encrypt a data key for keeping, under the newest version unless another is named."""
        slot, secret = self._erasable.take()
        return self._wrap(data_key, slot, secret, holder, under)

    def unwrap(self, wrapped: bytes, *, holder: str) -> bytes:
        """Open a wrapped data key. Raises KeyDestroyedError and KeyUnusableError."""
        told = _parse(wrapped)
        if told.slot is None:
            return self._open_bare(holder, told.content)
        secret = self._secret(told.slot, holder)
        return self._open(told.under, secret, holder, told.content)

    def rewrap(self, wrapped: bytes, *, holder: str) -> WrappedKey:
        """The same data key under the newest version, with the same secret if it has one."""
        data_key = self.unwrap(wrapped, holder=holder)
        slot = _parse(wrapped).slot
        if slot is None:
            return self.wrap(data_key, holder=holder)
        return self._wrap(data_key, slot, self._secret(slot, holder), holder)

    def handle_of(self, wrapped: bytes) -> bytes | None:
        """By what to destroy this key; nothing for one from before versions."""
        slot = _parse(wrapped).slot
        return None if slot is None else slot.to_bytes(_SLOT_BYTES)

    def is_destroyed(self, wrapped: bytes) -> bool:
        """Whether this key was destroyed."""
        slot = _parse(wrapped).slot
        return slot is not None and self._erasable.read(slot) is None

    def destroy(self, handles: Collection[bytes]) -> int:
        """Forget what opens these keys, durably and for good; gives how many were still there."""
        return self._erasable.destroy([int.from_bytes(handle) for handle in handles])

    def keep_clear_of(self, handles: Collection[bytes]) -> None:
        """Fill the file up to the last of these slots, so that nobody new is given one of them."""
        self._erasable.fill_to(max(map(int.from_bytes, handles), default=0))

    def counts(self) -> tuple[int, int]:
        """To how many data keys it can keep something, and how many of those were destroyed."""
        return self._erasable.counts()

    def _secret(self, slot: int, holder: str) -> bytes:
        secret = self._erasable.read(slot)
        if secret is None:
            raise KeyDestroyedError(f"the data key of {holder} was destroyed; nothing opens it")
        return secret

    def _wrap(
        self, data_key: bytes, slot: int, secret: bytes, holder: str, under: int | None = None
    ) -> WrappedKey:
        under = self._newest() if under is None else under
        wrapped = aes_key_wrap(self._key_of(under, secret, holder), data_key)
        return WrappedKey(_LAYOUT.pack(_FORMAT, under, slot.to_bytes(_SLOT_BYTES), wrapped), under)


def unwrap_with(key: bytes, holder: str, content: bytes) -> bytes:
    """What was wrapped for this holder under this key. Raises KeyUnusableError."""
    try:
        return aes_key_unwrap(key, content)
    except InvalidUnwrap:
        raise KeyUnusableError(
            f"the data key of {holder} is not wrapped by this vault; restore the keys that "
            "belong to the data"
        ) from None


def _parse(wrapped: bytes) -> _Wrapped:
    if len(wrapped) == _BARE_BYTES:
        return _Wrapped(BEFORE_VERSIONS, None, wrapped)
    if len(wrapped) != _LENGTH or not wrapped.startswith(_FORMAT):
        raise KeyUnusableError("this is no data key that a vault has wrapped")
    _, under, slot, content = _LAYOUT.unpack(wrapped)
    return _Wrapped(under, int.from_bytes(slot), content)
