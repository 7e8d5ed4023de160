"""The loops of long-running processes: work while there is some, wait while there is none."""

import atexit
import gc
import os
import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn, TypeVar

from consent.errors import ConsentError
from services.platform.errors import BusUnavailable, ServiceError, ServiceUnavailableError
from services.platform.logging import LogEvent, Logger

Answer = TypeVar("Answer")

_LONGEST_WAIT = 5.0
_FIRST_WAIT = 0.2
_HOPELESS_AFTER = 120.0
_GRACE = 4.0
_SELDOM = 10_000
"""Objects more, after which the garbage collector looks at the newest."""


# Ctrl-C while a program is still being loaded.
#
# Python raises KeyboardInterrupt wherever the program happens to be. In a start most of that is
# other people's modules, and some of them try an import and go on whatever comes of it: then the
# interrupt is gone, and what was told to stop goes on for good. So it is noted too, and whoever
# comes to a place where nothing has been started yet asks for it.

_interrupts: list[int] = []


def note_interrupts() -> None:
    """Note each SIGINT from now on, and raise KeyboardInterrupt as Python does.

    For the main thread of a program, before it loads what it needs.
    """
    signal.signal(signal.SIGINT, _interrupted)


def go_on_unless_interrupted() -> None:
    """Raise KeyboardInterrupt if there was one that nobody has heard."""
    if _interrupts:
        raise KeyboardInterrupt


def forget_interrupts() -> None:
    """As in a process that has just begun: a copy of another one's memory is such a one."""
    _interrupts.clear()
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _interrupted(number: int, _: FrameType | None) -> NoReturn:
    _interrupts.append(number)
    raise KeyboardInterrupt


class Stopping:
    """Set by SIGTERM or SIGINT; loops end after the batch they are in.

    Where that takes longer than `grace` seconds, because a bus or a database does not answer,
    the process ends all the same. A batch is a transaction: it comes again.
    """

    def __init__(self, *, grace: float = _GRACE) -> None:
        self._event = threading.Event()
        self._grace = grace
        self._told, self._tell = os.pipe()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)
        if _interrupts:  # before, and nobody has heard it
            self.ask()

    def ask(self) -> None:
        """Say that it is time to stop."""
        if not self._event.is_set():
            self._event.set()
            os.write(self._tell, b"s")

    def is_asked(self) -> bool:
        """Whether it is time to stop."""
        return self._event.is_set()

    def wait(self, seconds: float) -> None:
        """Sleep, but not through a stop."""
        self._event.wait(seconds)

    def fileno(self) -> int:
        """What can be read once it is time to stop, for who waits for other things too."""
        return self._told

    def _hear(self, *_: Any) -> None:
        self.ask()
        signal.signal(signal.SIGALRM, lambda *_: os._exit(0))
        # An interpreter that is coming to its end forgets its handlers: the alarm would kill it.
        atexit.register(signal.setitimer, signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_REAL, self._grace)


class Waits:
    """How long to wait after each failure in a row: longer each time, never in step."""

    def __init__(self, *, longest: float = _LONGEST_WAIT) -> None:
        self._next = _FIRST_WAIT
        self._longest = longest
        self._failing_since: float | None = None

    def after_failure(self) -> float:
        """The next wait."""
        if self._failing_since is None:
            self._failing_since = time.monotonic()
        wait = self._next * random.uniform(0.5, 1.0)
        self._next = min(self._next * 2, self._longest)
        return wait

    def failed_for(self) -> float:
        """For how many seconds there was nothing but failure."""
        return 0.0 if self._failing_since is None else time.monotonic() - self._failing_since

    def succeeded(self) -> None:
        """Begin anew."""
        self._next, self._failing_since = _FIRST_WAIT, None


def run_until_stopped(
    step: Callable[[], int],
    *,
    stopping: Stopping,
    idle_wait: float,
    log: Logger,
    rest: Callable[[], None] | None = None,
    worthwhile: int = 1,
    hopeless_after: float = _HOPELESS_AFTER,
    longest_wait: float = _LONGEST_WAIT,
) -> None:
    """Call `step` until stopped; after a failure of ours wait a little longer each time.

    Never longer than `longest_wait` seconds. A step that moved less than is `worthwhile` is
    followed by `idle_wait` seconds in which more may gather: a transaction for each handful would
    cost more than what it carries. One that moved nothing is followed by `rest` instead, where that
    is given, which waits until there may be something.

    Raises what `step` raises when that is not an error of ours, and also one of ours after
    `hopeless_after` seconds of nothing else: whoever runs the process starts it afresh.
    """
    waits = Waits(longest=longest_wait)
    while not stopping.is_asked():
        try:
            moved = step()
        except (ServiceError, ConsentError) as error:
            log.warning(LogEvent.STEP_FAILED, error=type(error).__name__)
            if waits.failed_for() > hopeless_after:
                raise
            stopping.wait(waits.after_failure())
            continue
        waits.succeeded()
        if rest is not None and not moved:
            rest()
        elif moved < worthwhile and idle_wait:
            stopping.wait(idle_wait)


class Every:
    """Tells when it is time again; the first time at once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._last = float("-inf")

    def is_due(self) -> bool:
        """Whether so many seconds have passed since it last was."""
        now = time.monotonic()
        if now - self._last < self._seconds:
            return False
        self._last = now
        return True


def insist(action: Callable[[], Answer], *, seconds: float) -> Answer:
    """Do it again for so long while the database or the bus is away.

    Raises ServiceUnavailableError or BusUnavailable once the time is over. `action` must be such
    that doing it twice does no more than doing it once.
    """
    waits = Waits()
    while True:
        try:
            return action()
        except (ServiceUnavailableError, BusUnavailable):
            if waits.failed_for() > seconds:
                raise
            time.sleep(waits.after_failure())


def leave_what_is_loaded() -> None:
    """Spare the garbage collector what a process has loaded by now and keeps until its end.

    A full collection goes through every object of every module: 95 ms, in the middle of a page.
    Nor need it come as often: nearly all that a batch or a page makes goes without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_SELDOM, *gc.get_threshold()[1:])


@contextmanager
def sparing_what_is_loaded() -> Iterator[None]:
    """The same around a command that makes much and keeps most of it for a while.

    Nearly all that it makes goes without the collector, so that need not come as often either.
    Where something was spared before, it stays so: to let go of a part alone is not possible.
    """
    often, was_sparing = gc.get_threshold(), gc.get_freeze_count() > 0
    gc.freeze()
    gc.set_threshold(_SELDOM, *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)
        if not was_sparing:
            gc.unfreeze()
