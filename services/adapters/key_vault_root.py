"""Named secrets: derived from the root key, or kept as they were when that was replaced.

Once the root key also wrapped data keys. To destroy that wrapping key the root has to go; the
secrets that came of it, under which ids were made and checkpoints signed, have to stay.
"""

import json
import secrets
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.adapters.durable_files import create_durably, replace_durably
from services.adapters.key_vault_wrapping import overwrite
from services.errors import KeyUnusableError
from services.key_vault import SecretName

_ROOT_BYTES = 32


class RootKey:
    """The root key of one data folder and the secrets that come of it (HKDF, RFC 5869)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept_path = path.with_name("kept-secrets.json")
        self._gone_path = path.with_name("root.replaced")
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

    def never_wrapped(self) -> None:
        """Say that nothing was ever wrapped under this root: it is a new one."""
        with suppress(FileExistsError):
            create_durably(self._gone_path, b"")

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
        self.never_wrapped()  # (3)

    def _read_kept(self) -> dict[str, bytes]:
        if not self._kept_path.exists():
            return {}
        document = json.loads(self._kept_path.read_bytes())
        return {name: bytes.fromhex(value) for name, value in document.items()}

    def _derive(self, use: str) -> bytes:
        info = f"tell-once:{use}".encode()
        return HKDF(SHA256(), _ROOT_BYTES, salt=None, info=info).derive(self._root)
