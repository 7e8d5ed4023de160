"""The key vault in files, mode 0600: a root key, wrapping keys by version, a secret a data key."""

import json
import secrets
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.platform.durable_files import create_durably, replace_durably
from services.platform.errors import KeyUnusableError
from services.platform.keys.files_secrets import KEY_BYTES, ErasableSecrets, WrappingKeys, overwrite
from services.platform.keys.slotted import SlottedKeyVault, unwrap_with
from services.platform.keys.vault import BEFORE_VERSIONS, SecretName

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
        self._derived: dict[SecretName, bytes] = {}  # of this root: each transaction asks for some

    @staticmethod
    def create(path: Path) -> None:
        """Make the key unless it is there."""
        with suppress(FileExistsError):
            create_durably(path, secrets.token_bytes(_ROOT_BYTES))

    def secret(self, name: SecretName) -> bytes:
        """The 32 bytes of a named secret."""
        found = self._kept.get(name) or self._derived.get(name)
        if found is None:
            found = self._derived[name] = self._derive(f"secret:{name}")
        return found

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


class FileKeyVault(SlottedKeyVault):
    """Keys for one data folder. Whoever reads these files reads everything: keep them apart.

    A data key is wrapped by AES key wrap (RFC 3394) under a key that HKDF (RFC 5869) makes of
    the wrapping key, the secret of its slot and its holder.
    """

    def __init__(self, root: RootKey, wrapping: WrappingKeys, erasable: ErasableSecrets) -> None:
        super().__init__(erasable)
        self._root = root
        self._wrapping = wrapping
        # Asked with what lies in the files at that moment: what is no longer there finds nothing.
        self._opened = lru_cache(maxsize=4096)(_open)

    @classmethod
    def open(cls, path: Path, copies: Path | None = None) -> "FileKeyVault":
        """Read the keys beside the root key, making them the first time: for a new database.

        The wrapping key is made last, so a folder that has one was complete: whoever was killed
        before is gone on from, and of two at once neither makes a second key. Raises
        KeyUnusableError when one of them is damaged, or is missing beside the others.
        """
        erasable = path.with_name("erasable-secrets")
        wrapping = WrappingKeys(path.with_name("wrapping-keys"))
        if wrapping.exist():
            return cls.open_known(path, copies)
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
        return cls(root, wrapping, ErasableSecrets(erasable, copies))

    @classmethod
    def open_known(cls, path: Path, copies: Path | None = None) -> "FileKeyVault":
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
        return cls(RootKey(path), wrapping, ErasableSecrets(erasable, copies))

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

    def _newest(self) -> int:
        return self._wrapping.newest()

    def _key_of(self, under: int, secret: bytes, holder: str) -> bytes:
        return _key_of(self._wrapping.key(under), secret, holder)

    def _open(self, under: int, secret: bytes, holder: str, content: bytes) -> bytes:
        return self._opened(self._wrapping.key(under), secret, holder, content)

    def _open_bare(self, holder: str, content: bytes) -> bytes:
        return self._opened(self._root.wrapping_key(), None, holder, content)


def _key_of(wrapping_key: bytes, secret: bytes, holder: str) -> bytes:
    info = f"tell-once:data-key:{holder}".encode()
    return HKDF(SHA256(), KEY_BYTES, salt=secret, info=info).derive(wrapping_key)


def _open(wrapping_key: bytes, secret: bytes | None, holder: str, content: bytes) -> bytes:
    key = wrapping_key if secret is None else _key_of(wrapping_key, secret, holder)
    return unwrap_with(key, holder, content)
