"""How long erasures have waited, in PostgreSQL: a row each time that it was written down."""

from typing import Any

from sqlalchemy import Connection, Row, text

from services.ledger.bound_tables import ERASURE_WAITS
from services.ledger.postgres_bound import BoundRows
from services.lifecycle.erasure.waiting import Waited
from services.platform.clock import BootTime

_ENDS = text("""
    SELECT w.* FROM erasure_wait w WHERE w.order_id = :order AND w.state IN (
        SELECT min(state) FROM erasure_wait WHERE order_id = :order
        UNION SELECT max(state) FROM erasure_wait WHERE order_id = :order)
    ORDER BY w.state
""")


class PostgresWaits:
    """services.lifecycle.erasure.waiting.ErasureWaits in one transaction."""

    def __init__(self, connection: Connection, bound: BoundRows) -> None:
        self._connection = connection
        self._bound = bound

    def first_and_last(self, order: str) -> tuple[Waited, Waited] | None:
        """When it began to wait and how it stood last.

        None where either is not as it was written: then it never comes due, and is ordered anew.
        """
        rows = self._connection.execute(_ENDS, {"order": order}).all()
        if not rows or not all(self._bound.holds(ERASURE_WAITS, row) for row in rows):
            return None
        return _waited(rows[0]), _waited(rows[-1])

    def has_begun(self, order: str) -> bool:
        """Whether there is any row of it."""
        return bool(self._connection.execute(_ENDS, {"order": order}).first())

    def add(self, waited: Waited, *, by: str) -> None:
        """Write a state; of two who measure at once the second writes nothing."""
        row = {
            "order_id": waited.order,
            "state": waited.state,
            "boot": waited.last.boot,
            "boot_ms": waited.last.ms,
            "waited_ms": waited.ms,
            "seen_at": waited.seen_at,
        }
        self._bound.add(ERASURE_WAITS, [(row, by)])


def _waited(row: Row[Any]) -> Waited:
    last = BootTime(row.boot, row.boot_ms)
    return Waited(row.order_id, last, row.waited_ms, row.seen_at, row.state)
