"""How long an erasure has waited since it was confirmed: measured, not read off a clock. Pure.

A clock can be set. So two things have to be true: by the clock the days have passed, and so much
time has been measured by machines that ran all the while. What passes while nobody measures (a
machine is switched off, or another one asks) does not count: it makes the waiting longer, never
shorter. Whoever asks measures, so it has to be asked every hour or so.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from services.platform.clock import BootTime

WAITS = timedelta(days=7)
"""Since 29 November 2026 (DESIGN.md section 16): how long after it is confirmed."""

WRITTEN_EVERY = timedelta(hours=1)
"""What was measured is written down so often, not each time that somebody asks."""

SILENT_AFTER = 2 * WRITTEN_EVERY
"""After so long another machine takes over from the one that measured."""


@dataclass(frozen=True, slots=True)
class Waited:
    """What has been measured of one order's waiting, at the last look."""

    order: str
    last: BootTime
    ms: int
    seen_at: datetime
    state: int = 1


class ErasureWaits(Protocol):
    """What was measured: history that only grows, in the caller's transaction."""

    def first_and_last(self, order: str) -> tuple[Waited, Waited] | None:
        """When it began to wait and how it stood last; None where that is not known for sure."""

    def has_begun(self, order: str) -> bool:
        """Whether anything was ever measured of it, be it as it was written or not."""

    def add(self, waited: Waited, *, by: str) -> None:
        """Write a state."""


def begin_to_wait(order: str, now: BootTime, *, at: datetime, by: str, waits: ErasureWaits) -> None:
    """Begin to measure, in the transaction that confirms the order."""
    waits.add(Waited(order, now, 0, at), by=by)


def measure(order: str, now: BootTime, *, at: datetime, by: str, waits: ErasureWaits) -> timedelta:
    """Measure on; gives how long it still has to wait, nothing where it is due."""
    found = waits.first_and_last(order)
    if found is None:
        return WAITS
    first, last = found
    passed = _passed(last.last, now)
    waited = timedelta(milliseconds=last.ms + passed)
    left = max(WAITS - waited, first.seen_at + WAITS - at)
    if _is_to_be_written(last, now, passed, at):
        waits.add(Waited(order, now, last.ms + passed, at, last.state + 1), by=by)
    return max(left, timedelta(0))


def _is_to_be_written(last: Waited, now: BootTime, passed: int, at: datetime) -> bool:
    """Where several machines ask, one measures, and another begins once that one is silent.

    By the clock, which decides here only how much is lost, never how much is gained.
    """
    if last.last.boot == now.boot and now.ms >= last.last.ms:
        return passed >= WRITTEN_EVERY // timedelta(milliseconds=1)
    return abs(at - last.seen_at) >= SILENT_AFTER


def _passed(before: BootTime, now: BootTime) -> int:
    return max(now.ms - before.ms, 0) if before.boot == now.boot else 0
