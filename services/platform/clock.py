"""The system's clock, and how long the machine has run, which nobody sets."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from threading import Lock


def _machine_time() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 the one place that asks


class SystemClock:
    """Tells the time of the machine, aware, UTC; when that is set back it goes on from before.

    So that what ends by itself never lasts longer: since it last told the time, at least as much
    has passed as the machine's monotonic clock says. A process keeps this until it ends.
    """

    def __init__(
        self,
        machine: Callable[[], datetime] = _machine_time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._machine, self._monotonic = machine, monotonic
        self._lock = Lock()
        self._told, self._at = machine(), monotonic()

    def now(self) -> datetime:
        """Tell the time now."""
        with self._lock:
            at = self._monotonic()
            passed = timedelta(seconds=max(0.0, at - self._at))
            self._told, self._at = max(self._machine(), self._told + passed), at
            return self._told


@dataclass(frozen=True, slots=True)
class BootTime:
    """How long a machine had run, since which start of it: comparable within one `boot` only."""

    boot: str
    ms: int


def read_boot_time() -> BootTime:
    """How long this machine has run, asleep or not, whatever its clock is set to."""
    return BootTime(_boot(), time.clock_gettime_ns(_SINCE_BOOT) // 1_000_000)


@cache
def _boot() -> str:
    """Which start of the machine this is; where it does not say, every process is a new one."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return secrets.token_hex(16)


_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
