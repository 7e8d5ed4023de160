"""The loops of long-running processes: work while there is some, wait while there is none."""

import random
import signal
import threading
import time
from collections.abc import Callable

from services.adapters.logging import LogEvent, Logger
from services.errors import ServiceError

_LONGEST_WAIT = 5.0
_FIRST_WAIT = 0.2


class Stopping:
    """Set by SIGTERM or SIGINT; loops end after the batch they are in."""

    def __init__(self) -> None:
        self._event = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._event.set())

    def is_asked(self) -> bool:
        """Whether it is time to stop."""
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep, but not through a stop."""
        self._event.wait(seconds)


def run_until_stopped(
    step: Callable[[], int], *, stopping: Stopping, idle_wait: float, log: Logger
) -> None:
    """Call `step` until stopped; after a failure wait a little longer each time, then go on."""
    wait = _FIRST_WAIT
    while not stopping.is_asked():
        try:
            moved = step()
        except ServiceError as error:
            log.warning(LogEvent.STEP_FAILED, error=type(error).__name__)
            stopping.wait(wait * random.uniform(0.5, 1.0))
            wait = min(wait * 2, _LONGEST_WAIT)
            continue
        wait = _FIRST_WAIT
        if not moved and idle_wait:
            stopping.wait(idle_wait)


class Every:
    """True once in so many seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = float("-inf")

    def is_due(self) -> bool:
        """Whether it is time again."""
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True
