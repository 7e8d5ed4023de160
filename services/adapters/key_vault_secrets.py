"""Secrets that can be forgotten: one for each data key, in a file that is written in place.

Zeros stand where a secret was destroyed. Slots are handed out once and never again, 32 bytes
each, so that none crosses a sector and a power cut leaves each whole (the file's head is slot 0).
"""

import os
import secrets
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path
from threading import Lock

from services.adapters.durable_files import create_durably
from services.adapters.embedded.file_lock import FileLock
from services.errors import KeyUnusableError

SECRET_BYTES = 32
_HEAD = b"tell-once erasable secrets 1\n".ljust(SECRET_BYTES, b"\0")
_DESTROYED = bytes(SECRET_BYTES)
_FIRST_RESERVED = 8
_MOST_RESERVED = 1024


class ErasableSecrets:
    """The secrets of one data folder, shared by all its processes."""

    def __init__(self, path: Path) -> None:
        self._path = path
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
        """Overwrite the secrets, durably; gives how many were still there.

        Raises KeyUnusableError for an unknown one, and then destroys none.
        """
        there = [slot for slot in slots if self.read(slot) is not None]
        for slot in there:
            os.pwrite(self._file, _DESTROYED, slot * SECRET_BYTES)
        os.fsync(self._file)  # also for those that another process has just overwritten
        return len(there)

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
        with FileLock.open(self._path) as lock:
            lock.wait_exclusive()
            # What another left half written is left alone.
            first = -(-os.fstat(lock.fileno()).st_size // SECRET_BYTES)
            fresh = [secrets.token_bytes(SECRET_BYTES) for _ in range(count)]
            content = b"".join(fresh)
            if os.pwrite(lock.fileno(), content, first * SECRET_BYTES) != len(content):
                raise KeyUnusableError(f"{self._path.name} could not be written; is the disk full?")
            os.fsync(lock.fileno())
        return list(enumerate(fresh, first))
