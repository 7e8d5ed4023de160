"""The key vault in files, mode 0600: a root key, wrapping keys by version, a secret a data key."""

import json
import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from struct import Struct
from typing import NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from services.platform.durable_files import create_durably, replace_durably
from services.platform.errors import KeyDestroyedError, KeyUnusableError
from services.platform.keys.files_secrets import KEY_BYTES, ErasableSecrets, WrappingKeys, overwrite
from services.platform.keys.vault import BEFORE_VERSIONS, SecretName, WrappedKey

# Named secrets: derived from the root key, or kept as they were when that was replaced.
#
# Once the root key also wrapped data keys. To destroy that wrapping key the root has to go; the
# secrets that came of it, under which ids were made and checkpoints signed, have to stay.

_ROOT_BYTES = 32
_GONE = "root.replaced"


class RootKey:
    """The root key of one data folder and the secrets that come of it (HKDF, RFC 5869)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept_path = path.with_name("kept-secrets.json")
        self._gone_path = path.with_name(_GONE)
        self._root = path.read_bytes()
        if len(self._root) != _ROOT_BYTES:
            raise KeyUnusableError(f"{path.name} is not {_ROOT_BYTES} bytes; restore it")
        self._kept = self._read_kept()

    @staticmethod
    def create(path: Path) -> None:
        """Make the key unless it is there."""
        with suppress(FileExistsError):
            create_durably(path, secrets.token_bytes(_ROOT_BYTES))

    def secret(self, name: SecretName) -> bytes:
        """The 32 bytes of a named secret."""
        return self._kept.get(name) or self._derive(f"secret:{name}")

    def wrapping_key(self) -> bytes:
        """What wrapped before there were versions. Raises KeyUnusableError once destroyed."""
        if self._gone_path.exists():
            raise KeyUnusableError("wrapping key 0 is not there; it was destroyed")
        return self._derive("wrapping")

    @property
    def wraps(self) -> bool:
        """Whether the first wrapping key can still be made from it."""
        return not self._gone_path.exists()

    @staticmethod
    def never_wrapped(path: Path) -> None:
        """Say that nothing is wrapped under the root key that is or will be at `path`."""
        with suppress(FileExistsError):
            create_durably(path.with_name(_GONE), b"")

    def replace(self) -> None:
        """Destroy the first wrapping key: new root, the same secrets. Again is no error.

        (1) The secrets are kept first; from then on they no longer come from the root.
        (2) The root is overwritten where it lies. (3) Only then is it said to be gone.
        """
        if not self.wraps:
            return
        self._kept = {name: self.secret(name) for name in SecretName}
        document = {name: value.hex() for name, value in self._kept.items()}
        replace_durably(self._kept_path, json.dumps(document).encode())  # (1)
        self._root = secrets.token_bytes(_ROOT_BYTES)
        overwrite(self._path, self._root)  # (2)
        self.never_wrapped(self._path)  # (3)

    def _read_kept(self) -> dict[str, bytes]:
        if not self._kept_path.exists():
            return {}
        try:
            document = json.loads(self._kept_path.read_bytes())
            return {name: bytes.fromhex(value) for name, value in document.items()}
        except (ValueError, AttributeError, TypeError):
            raise KeyUnusableError(f"{self._kept_path.name} is damaged; restore it") from None

    def _derive(self, use: str) -> bytes:
        info = f"tell-once:{use}".encode()
        return HKDF(SHA256(), _ROOT_BYTES, salt=None, info=info).derive(self._root)


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


class FileKeyVault:
    """Keys for one data folder. Whoever reads these files reads everything: keep them apart.

    A data key is wrapped by AES key wrap (RFC 3394) under a key that HKDF (RFC 5869) makes of
    the wrapping key, the secret of its slot and its holder.
    """

    def __init__(self, root: RootKey, wrapping: WrappingKeys, erasable: ErasableSecrets) -> None:
        self._root = root
        self._wrapping = wrapping
        self._erasable = erasable
        # Asked with what lies in the files at that moment: what is no longer there finds nothing.
        self._opened = lru_cache(maxsize=4096)(_open)

    @classmethod
    def open(cls, path: Path) -> "FileKeyVault":
        """Read the keys beside the root key, making them the first time: for a new database.

        The wrapping key is made last, so a folder that has one was complete: whoever was killed
        before is gone on from, and of two at once neither makes a second key. Raises
        KeyUnusableError when one of them is damaged, or is missing beside the others.
        """
        erasable = path.with_name("erasable-secrets")
        wrapping = WrappingKeys(path.with_name("wrapping-keys"))
        if wrapping.exist():
            return cls.open_known(path)
        # Asked before the root key is: another process that begins makes them after it.
        is_later = erasable.exists() or path.with_name("kept-secrets.json").exists()
        if not path.exists():
            if is_later:
                raise KeyUnusableError(f"{path.name} is not there; restore it")
            RootKey.never_wrapped(path)
            RootKey.create(path)
        root = RootKey(path)
        ErasableSecrets.create(erasable)
        wrapping.create()
        return cls(root, wrapping, ErasableSecrets(erasable))

    @classmethod
    def open_known(cls, path: Path) -> "FileKeyVault":
        """Read the keys beside the root key of a folder that was complete once; makes none.

        Raises KeyUnusableError when one of them is damaged or missing.
        """
        erasable = path.with_name("erasable-secrets")
        wrapping = WrappingKeys(path.with_name("wrapping-keys"))
        there = {
            path.name: path.exists(),
            erasable.name: erasable.exists(),
            "wrapping-keys": wrapping.exist(),
        }
        missing = [name for name, is_there in there.items() if not is_there]
        if missing:
            raise KeyUnusableError(f"{', '.join(missing)}: not there; restore it")
        for version in wrapping.versions():
            wrapping.key(version)
        return cls(RootKey(path), wrapping, ErasableSecrets(erasable))

    def wrap(self, data_key: bytes, *, holder: str, under: int | None = None) -> WrappedKey:
        """Encrypt a data key for keeping, under the newest version unless another is named."""
        slot, secret = self._erasable.take()
        return self._wrap(data_key, slot, secret, holder, under)

    def unwrap(self, wrapped: bytes, *, holder: str) -> bytes:
        """Open a wrapped data key. Raises KeyDestroyedError and KeyUnusableError."""
        told = _parse(wrapped)
        if told.slot is None:
            return self._opened(self._root.wrapping_key(), None, holder, told.content)
        secret = self._secret(told.slot, holder)
        return self._opened(self._wrapping.key(told.under), secret, holder, told.content)

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

    def versions(self) -> Sequence[int]:
        """The wrapping keys that there are, the newest last."""
        return [*([BEFORE_VERSIONS] if self._root.wraps else []), *self._wrapping.versions()]

    def add_version(self) -> int:
        """Make a new wrapping key, under which everything is wrapped from now on."""
        return self._wrapping.add()

    def destroy_version(self, version: int) -> None:
        """Forget a wrapping key that is not the newest. Raises KeyUnusableError for that."""
        if version == self._wrapping.newest():
            raise KeyUnusableError(f"wrapping key {version} is the newest; rotate first")
        if version == BEFORE_VERSIONS:
            self._root.replace()
        else:
            self._wrapping.destroy(version)

    def secret(self, name: SecretName) -> bytes:
        """The 32 bytes of a named secret."""
        return self._root.secret(name)

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
        under = self._wrapping.newest() if under is None else under
        key = _key_of(self._wrapping.key(under), secret, holder)
        wrapped = aes_key_wrap(key, data_key)
        return WrappedKey(_LAYOUT.pack(_FORMAT, under, slot.to_bytes(_SLOT_BYTES), wrapped), under)


def _parse(wrapped: bytes) -> _Wrapped:
    if len(wrapped) == _BARE_BYTES:
        return _Wrapped(BEFORE_VERSIONS, None, wrapped)
    if len(wrapped) != _LENGTH or not wrapped.startswith(_FORMAT):
        raise KeyUnusableError("this is no data key that a vault has wrapped")
    _, under, slot, content = _LAYOUT.unpack(wrapped)
    return _Wrapped(under, int.from_bytes(slot), content)


def _key_of(wrapping_key: bytes, secret: bytes, holder: str) -> bytes:
    info = f"tell-once:data-key:{holder}".encode()
    return HKDF(SHA256(), KEY_BYTES, salt=secret, info=info).derive(wrapping_key)


def _open(wrapping_key: bytes, secret: bytes | None, holder: str, content: bytes) -> bytes:
    key = wrapping_key if secret is None else _key_of(wrapping_key, secret, holder)
    try:
        return aes_key_unwrap(key, content)
    except InvalidUnwrap:
        raise KeyUnusableError(
            f"the data key of {holder} is not wrapped by this vault; restore the keys that "
            "belong to the data"
        ) from None
