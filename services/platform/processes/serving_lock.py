"""Tells whether somebody serves a data folder: a lock that dies with its holder."""

import fcntl
import os
import time
from pathlib import Path

_TAKE_SECONDS = 1.0
_TRY_EVERY = 0.02


class ServingLock:
    """Held by the supervisor for as long as it lives; looked at by every other command."""

    def __init__(self, data: Path) -> None:
        self._path = data / "serving.lock"
        self._handle: int | None = None

    def take(self) -> bool:
        """Hold the lock until this process ends; False when another process serves.

        Tries for a moment, because a command that just looks is in the way that long.
        """
        deadline = time.monotonic() + _TAKE_SECONDS
        while (handle := self._locked(fcntl.LOCK_EX)) is None:
            if time.monotonic() > deadline:
                return False
            time.sleep(_TRY_EVERY)
        self._handle = handle
        return True

    def release(self) -> None:
        """Let go."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def is_held(self) -> bool:
        """Whether another process serves now. Two that look at once do not see each other."""
        if not self._path.exists():
            return False
        handle = self._locked(fcntl.LOCK_SH)
        if handle is None:
            return True
        os.close(handle)
        return False

    def _locked(self, how: int) -> int | None:
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return handle
