"""Waits for what other processes do, and says how long something may take on a busy machine."""

import os
import time
from collections.abc import Callable
from typing import Final

# How long a test waits for what must come. It goes on as soon as that has come; a wait that ends
# says that it never will, not that the machine had much else to do.
GENEROUS: Final = 300.0
# Looking takes from what is waited for: the longer it has taken, the more rarely.
_LOOK_EVERY: Final = 0.01
_LOOK_EVERY_AT_LAST: Final = 0.2
_PART_OF_THE_WAIT: Final = 20


def eventually(condition: Callable[[], object], seconds: float = GENEROUS) -> bool:
    """Wait for `condition`; say whether it came."""
    began = time.monotonic()
    while (waited := time.monotonic() - began) < seconds:
        if condition():
            return True
        time.sleep(min(max(_LOOK_EVERY, waited / _PART_OF_THE_WAIT), _LOOK_EVERY_AT_LAST))
    return bool(condition())


def on_this_machine(seconds: float, load: float | None = None) -> float:
    """Give a bound for a machine that this suite has for itself, as it is on this one now.

    Each core runs a worker and what the worker's test has started: up to two that want to run for
    each core the bound is what it is, and beyond that it grows with them.
    """
    wanting = os.getloadavg()[0] if load is None else load
    return seconds * max(1.0, wanting / (2 * len(os.sched_getaffinity(0))))
