"""Tells whether somebody serves a data folder: a lock that dies with its holder."""

import fcntl
import os
from pathlib import Path


class ServingLock:
    """Held by the supervisor for as long as it lives; looked at by every other command."""

    def __init__(self, data: Path) -> None:
        self._path = data / "serving.lock"
        self._handle: int | None = None

    def take(self) -> bool:
        """Hold the lock until this process ends; False when another process serves."""
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._handle = handle
        return True

    def release(self) -> None:
        """Let go."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def is_held(self) -> bool:
        """Whether another process serves now."""
        if not self._path.exists():
            return False
        if self.take():
            self.release()
            return False
        return True
