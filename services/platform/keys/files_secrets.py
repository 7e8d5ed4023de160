"""Secrets in files that can be forgotten: one for each data key, and the wrapping keys by version.

The secrets of data keys lie in one file that is written in place. Zeros stand where a secret was
destroyed. Slots are handed out once and never again, 32 bytes each, so that none crosses a sector
and a power cut leaves each whole (the file's head is slot 0).
"""

import os
import re
import secrets
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from services.platform.durable_files import FileLock, create_durably, make_name_durable
from services.platform.errors import KeysAwayError, KeyUnusableError
from services.platform.keys.copies import forget_in_copies

SECRET_BYTES = 32
_HEAD = b"tell-once erasable secrets 1\n".ljust(SECRET_BYTES, b"\0")
_DESTROYED = bytes(SECRET_BYTES)
_FIRST_RESERVED = 8
_MOST_RESERVED = 1024
_MOST_SLOTS = 1 << 28


class ErasableSecrets:
    """The secrets of one data folder, shared by all its processes."""

    def __init__(self, path: Path, copies: Path | None = None) -> None:
        """Use the file at `path`; `copies` is where copies of it are kept, if any are."""
        self._path = path
        self._copies = copies
        self._lock = Lock()
        self._reserved: list[tuple[int, bytes]] = []
        self._next_reservation = _FIRST_RESERVED
        self._process = os.getpid()
        self._file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        if os.pread(self._file, SECRET_BYTES, 0) != _HEAD:
            raise KeyUnusableError(f"{path.name} is no file of secrets; restore it")

    @staticmethod
    def create(path: Path) -> None:
        """Make the file unless it is there."""
        with suppress(FileExistsError):
            create_durably(path, _HEAD)

    def take(self) -> tuple[int, bytes]:
        """A new secret and its slot, durable already."""
        with self._lock:
            if self._process != os.getpid():  # a fork has the same list, and may not use it too
                self._process, self._reserved = os.getpid(), []
            if not self._reserved:
                self._reserved = self._reserve(self._next_reservation)
                self._next_reservation = min(2 * self._next_reservation, _MOST_RESERVED)
            return self._reserved.pop()

    def read(self, slot: int) -> bytes | None:
        """The secret, or None when it was destroyed. Raises KeyUnusableError for an unknown one."""
        found = os.pread(self._file, SECRET_BYTES, slot * SECRET_BYTES)
        if slot < 1 or len(found) != SECRET_BYTES:
            raise KeyUnusableError(
                f"{self._path.name} has no secret {slot}: it is older than the database; "
                "restore a newer one"
            )
        return None if found == _DESTROYED else found

    def destroy(self, slots: Collection[int]) -> int:
        """Overwrite the secrets, durably, also in copies; gives how many were still there.

        Raises KeyUnusableError for an unknown one, and then destroys none; and when copies cannot
        be reached.
        """
        there = [slot for slot in slots if self.read(slot) is not None]
        for slot in there:
            os.pwrite(self._file, _DESTROYED, slot * SECRET_BYTES)
        os.fsync(self._file)  # also for those that another process has just overwritten
        if slots and self._copies is not None:
            forget_in_copies(self._copies, slots)
        return len(there)

    def fill_to(self, slot: int) -> None:
        """Make sure that this slot and all before it are never handed out from now on.

        Raises KeyUnusableError for one that no file can have had.
        """
        if slot > _MOST_SLOTS:
            raise KeyUnusableError(f"{self._path.name} never had a secret {slot}")
        with self._lock:
            self._reserved = [kept for kept in self._reserved if kept[0] > slot]
            while (missing := slot + 1 - os.fstat(self._file).st_size // SECRET_BYTES) > 0:
                self._reserve(min(missing, _MOST_RESERVED))

    def counts(self) -> tuple[int, int]:
        """How many slots there are, and how many of them were destroyed."""
        slots = os.fstat(self._file).st_size // SECRET_BYTES - 1
        destroyed = 0
        with self._path.open("rb") as file:
            file.seek(SECRET_BYTES)
            while block := file.read(SECRET_BYTES << 12):
                starts = range(0, len(block) - SECRET_BYTES + 1, SECRET_BYTES)
                destroyed += sum(block[s : s + SECRET_BYTES] == _DESTROYED for s in starts)
        return slots, destroyed

    def _reserve(self, count: int) -> list[tuple[int, bytes]]:
        """New secrets behind the others: nobody uses one before it is on the disk."""
        with self._opened_again() as lock:
            lock.wait_exclusive()
            # What another left half written is left alone.
            first = -(-os.fstat(lock.fileno()).st_size // SECRET_BYTES)
            fresh = [secrets.token_bytes(SECRET_BYTES) for _ in range(count)]
            content = b"".join(fresh)
            if os.pwrite(lock.fileno(), content, first * SECRET_BYTES) != len(content):
                raise KeyUnusableError(f"{self._path.name} could not be written; is the disk full?")
            os.fsync(lock.fileno())
        return list(enumerate(fresh, first))

    def _opened_again(self) -> FileLock:
        """The file by its name, to lock. Raises KeysAwayError when it is not the one we read.

        Never made here: slots of a fresh file are other people's.
        """
        try:
            lock = FileLock(os.open(self._path, os.O_RDWR | os.O_CLOEXEC))
        except FileNotFoundError:
            raise KeysAwayError(f"{self._path.name} is not there now; is its disk?") from None
        if not os.path.sameopenfile(lock.fileno(), self._file):
            lock.close()
            raise KeysAwayError(f"another {self._path.name} is in its place; start again")
        return lock


# Wrapping keys by version, each a file: the newest wraps, every one that is there opens.

KEY_BYTES = 32
_FIRST, _LAST = 1, 0xFFFF  # two bytes of a wrapped key say which it lies under
# A copy that somebody left beside them ("1 (copy).key") is none.
_NAME = re.compile(r"([1-9][0-9]{0,4})\.key", re.ASCII)


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
        found = (_NAME.fullmatch(path.name) for path in self._folder.glob("*.key"))
        return sorted(version for one in found if one and (version := int(one[1])) <= _LAST)

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
            raise self._gone(version) from None
        return key

    def create(self) -> None:
        """Make the first version unless it is there."""
        self._make(_FIRST)

    def add(self) -> int:
        """Make the next version. Two who do it at once make one."""
        version = self.newest() + 1
        self._make(version)
        return version

    def _make(self, version: int) -> None:
        with suppress(FileExistsError):
            create_durably(self._path(version), secrets.token_bytes(KEY_BYTES))

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
            raise self._gone(version)
        content = path.read_bytes()
        if len(content) != KEY_BYTES:
            raise KeyUnusableError(f"wrapping key {version} is damaged; restore it")
        self._read[version] = (str(path), content)
        return self._read[version]

    def _gone(self, version: int) -> KeyUnusableError | KeysAwayError:
        """One that was destroyed is for ever; a folder that is gone comes back with its disk."""
        if not self._folder.is_dir():
            return KeysAwayError("the folder of wrapping keys is not there now; is its disk?")
        return KeyUnusableError(f"wrapping key {version} is not there; was it destroyed?")

    def _path(self, version: int) -> Path:
        return self._folder / f"{version}.key"


def overwrite(path: Path, content: bytes) -> None:
    """Put `content` where the old content lies, durably. Raises FileNotFoundError."""
    handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    try:
        os.pwrite(handle, content, 0)
        os.fsync(handle)
    finally:
        os.close(handle)
