"""The key vault in a file: one root key, mode 0600, everything else derived from it."""

import os
import secrets
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap,
    aes_key_wrap,
)

from services.errors import KeyUnusableError
from services.key_vault import SecretName

_ROOT_BYTES = 32


class FileKeyVault:
    """Keys for one data folder. Whoever reads the file reads everything: keep it apart.

    Data keys are wrapped by AES key wrap (RFC 3394); secrets derived by HKDF (RFC 5869).
    """

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._wrapping_key = self._derive("wrapping")
        self._unwrap = lru_cache(maxsize=4096)(self._unwrap_uncached)

    @classmethod
    def open(cls, path: Path) -> "FileKeyVault":
        """Read the root key, making it the first time. Raises KeyUnusableError."""
        if not path.exists():
            _write_once(path, secrets.token_bytes(_ROOT_BYTES))
        root = path.read_bytes()
        if len(root) != _ROOT_BYTES:
            raise KeyUnusableError(f"{path.name} is not {_ROOT_BYTES} bytes; restore it")
        return cls(root)

    def wrap(self, data_key: bytes) -> bytes:
        """Encrypt a data key for keeping."""
        return aes_key_wrap(self._wrapping_key, data_key)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Open a wrapped data key. Raises KeyUnusableError."""
        return self._unwrap(wrapped)

    def secret(self, name: SecretName) -> bytes:
        """The 32 bytes of a named secret."""
        return self._derive(f"secret:{name}")

    def _unwrap_uncached(self, wrapped: bytes) -> bytes:
        try:
            return aes_key_unwrap(self._wrapping_key, wrapped)
        except InvalidUnwrap:
            raise KeyUnusableError("a data key is not wrapped by this vault's key") from None

    def _derive(self, use: str) -> bytes:
        return HKDF(SHA256(), _ROOT_BYTES, salt=None, info=f"tell-once:{use}".encode()).derive(
            self._root
        )


def _write_once(path: Path, content: bytes) -> None:
    """Whole or not at all: a key half written would lose every record."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{secrets.token_hex(8)}.draft")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its key is the one
    finally:
        draft.unlink()
    _make_durable(path.parent)


def _make_durable(folder: Path) -> None:
    """The name of a new file is in its folder, which has to reach the disk as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
