# ruff: noqa: INP001 - Python imports it by this name at its start, from a folder on PYTHONPATH
"""Stops the clock in a checkout's processes and lets what is random grow.

Python imports this module when it starts, in every process of a demonstration that
deploy/compare_checkouts.py runs. The product itself is not touched; what is told comes in
variables: COMPARE_CLOCK names the module of the system's clock, COMPARE_AT the time that it tells,
COMPARE_SEEN a folder in which each process that stopped its clock leaves a file.

Random bytes begin with the machine's own clock, so that ids come in the order in which they were
made. Without that, what is listed by time and then by id would be in another order at each run,
for all of it has happened at one time.
"""

import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from pathlib import Path
from threading import Lock
from types import ModuleType

_TICK_BYTES = 8


class GrowingBytes:
    """Random bytes, each greater than those before, also than those of other processes."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random
        self._last = 0
        self._lock = Lock()

    def __call__(self, size: int, /) -> bytes:
        """So many bytes: the time first, then what is random."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            tick = self._last.to_bytes(_TICK_BYTES, "big")
        return tick[:size] + self._random(max(0, size - _TICK_BYTES))


class ClockStopper:
    """Finds the module of the clock as ever, and stops its clock once it is there."""

    def __init__(self, module: str, at: str, seen: Path) -> None:
        self._module = module
        self._at = at
        self._seen = seen

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Nothing for any other module, which is then found by the others."""
        del path, target
        if fullname != self._module:
            return None
        sys.meta_path.remove(self)
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def run_and_stop(module: ModuleType) -> None:
                run(module)
                self._stop(module)

            spec.loader.exec_module = run_and_stop  # type: ignore[method-assign]
        return spec

    def _stop(self, module: ModuleType) -> None:
        from datetime import datetime  # noqa: PLC0415 every Python that starts would pay for it

        at = datetime.fromisoformat(self._at)
        module.SystemClock.now = lambda _: at
        self._tell()
        # a copy of this process has the same clock
        os.register_at_fork(after_in_child=self._tell)

    def _tell(self) -> None:
        (self._seen / str(os.getpid())).touch()


if "COMPARE_CLOCK" in os.environ:
    os.urandom = GrowingBytes(os.urandom)
    sys.meta_path.insert(
        0,
        ClockStopper(
            os.environ["COMPARE_CLOCK"],
            os.environ["COMPARE_AT"],
            Path(os.environ["COMPARE_SEEN"]),
        ),
    )
