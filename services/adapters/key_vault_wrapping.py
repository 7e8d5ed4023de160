"""Key-encryption keys by version, each a file: the newest wraps, every one that is there opens."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from services.adapters.durable_files import create_durably, make_name_durable
from services.errors import KeyUnusableError

KEY_BYTES = 32
_FIRST = 1


class WrappingKeys:
    """The wrapping keys of one data folder; each call sees what other processes have done."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._newest = _FIRST
        self._read: dict[int, tuple[str, bytes]] = {}

    def exist(self) -> bool:
        """Whether there is any."""
        return self._folder.is_dir() and any(self.versions())

    def versions(self) -> Sequence[int]:
        """Which there are, the newest last."""
        return sorted(int(path.stem) for path in self._folder.glob("*.key"))

    def newest(self) -> int:
        """The version under which to wrap."""
        while self._path(self._newest + 1).exists():
            self._newest += 1
        if not self._path(self._newest).exists():  # those before it were destroyed
            self._newest = max(self.versions(), default=_FIRST)
        return self._newest

    def key(self, version: int) -> bytes:
        """The key of this version. Raises KeyUnusableError, also once it was destroyed."""
        place, key = self._read.get(version) or self._read_key(version)
        try:
            os.stat(place)  # noqa: PTH116 - asked for every data key: a Path takes three times as long
        except FileNotFoundError:
            self._read.pop(version, None)
            raise _missing(version) from None
        return key

    def add(self) -> int:
        """Make the next version. Two who do it at once make one."""
        version = self.newest() + 1 if self.exist() else _FIRST
        with suppress(FileExistsError):
            create_durably(self._path(version), secrets.token_bytes(KEY_BYTES))
        return version

    def destroy(self, version: int) -> None:
        """Overwrite and remove the key; again is no error."""
        with suppress(FileNotFoundError):
            overwrite(self._path(version), bytes(KEY_BYTES))
            self._path(version).unlink()
        make_name_durable(self._folder)
        self._read.pop(version, None)

    def _read_key(self, version: int) -> tuple[str, bytes]:
        path = self._path(version)
        if not path.exists():
            raise _missing(version)
        content = path.read_bytes()
        if len(content) != KEY_BYTES:
            raise KeyUnusableError(f"wrapping key {version} is damaged; restore it")
        self._read[version] = (str(path), content)
        return self._read[version]

    def _path(self, version: int) -> Path:
        return self._folder / f"{version}.key"


def _missing(version: int) -> KeyUnusableError:
    return KeyUnusableError(f"wrapping key {version} is not there; was it destroyed?")


def overwrite(path: Path, content: bytes) -> None:
    """Put `content` where the old content lies, durably. Raises FileNotFoundError."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.pwrite(handle, content, 0)
        os.fsync(handle)
    finally:
        os.close(handle)
