"""How often a partner may ask: buckets in PostgreSQL, of which a worker takes some ahead.

A row written for every call would cost each allowed read a commit, and all calls of one partner
would wait for one another at that row. So a worker that is asked often takes several at once and
spends them from memory: twice as many each time, up to an eighth of a burst, and for a second at
most. What is left then goes back to the bucket.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from sqlalchemy import Connection

from services.interfaces.partners.ports import Pace
from services.platform.database.buckets import give_back, take_from
from services.work import Outside, unit_of_work

_SECONDS_KEPT = 1.0
_PART_OF_BURST = 8


@dataclass(slots=True)
class _Lot:
    """What was taken at once, and how much of it is left."""

    size: int
    left: int
    until: float


class TakenAhead:
    """What a worker has taken ahead, for all its threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lots: dict[str, _Lot] = {}
        self._lock = Lock()

    def spend(self, bucket: str) -> bool:
        """Use one that was taken before; False when there is none."""
        with self._lock:
            lot = self._lots.get(bucket)
            if lot is None or not lot.left or self._monotonic() > lot.until:
                return False
            lot.left -= 1
            return True

    def settle(self, bucket: str, most: int) -> tuple[int, int]:
        """End the present lot. Gives how many of it go back, and how many to take next."""
        with self._lock:
            lot = self._lots.pop(bucket, None)
        if lot is None:
            return 0, 1
        was_quick = not lot.left and self._monotonic() <= lot.until
        return lot.left, min(2 * lot.size, most) if was_quick else 1

    def keep(self, bucket: str, size: int) -> None:
        """So many were taken, one of which is used at once; two threads may do so at once."""
        with self._lock:
            until = self._monotonic() + _SECONDS_KEPT
            other = self._lots.get(bucket)
            if other is None:
                self._lots[bucket] = _Lot(size, size - 1, until)
            else:
                other.left += size - 1
                other.size = max(other.size, size)


class PostgresPacing:
    """services.interfaces.partners.ports.Pacing."""

    def __init__(self, connection: Connection, ahead: TakenAhead) -> None:
        self._connection = connection
        self._ahead = ahead

    def take(self, bucket: str, pace: Pace) -> timedelta | None:
        """Take one; None when there was one, else how long it is until there is."""
        return self._take(bucket, pace, 1)

    def take_ahead(self, bucket: str, pace: Pace) -> timedelta | None:
        """Take one of those taken ahead, or the next lot, or one if there is no whole lot left."""
        if self._ahead.spend(bucket):
            return None
        back, size = self._ahead.settle(bucket, max(1, pace.burst // _PART_OF_BURST))
        if back:
            give_back(self._connection, bucket, per_second=pace.per_second, count=back)
        wait = self._take(bucket, pace, size)
        if wait is not None and size > 1:
            wait, size = self._take(bucket, pace, 1), 1
        if wait is None:
            self._ahead.keep(bucket, size)
        return wait

    def _take(self, bucket: str, pace: Pace, count: int) -> timedelta | None:
        burst, per_second = pace.burst, pace.per_second
        return take_from(self._connection, bucket, per_second=per_second, burst=burst, count=count)


class PacedAhead:
    """Pacing for who has no transaction: one is opened only where nothing was taken ahead."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._ahead = TakenAhead()

    def take(self, bucket: str, pace: Pace) -> timedelta | None:
        """Take one; None when there was one, else how long it is until there is."""
        if self._ahead.spend(bucket):
            return None
        with unit_of_work(self._outside) as work:
            return PostgresPacing(work.connection, self._ahead).take_ahead(bucket, pace)
