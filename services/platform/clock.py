"""The system's clock."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
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
