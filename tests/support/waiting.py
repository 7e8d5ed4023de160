"""Waits for what other processes do."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Wait for `condition`; say whether it came."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.01)
    return condition()
