"""On which days a service looked at a request, in the caller's transaction.

The ledger has each look, which auditors read; the family's own page reads these: a row a day, with
how many visits there were, each by the same measure as any look on that page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, text

from schemas.uk_time import uk_day
from services.profile.families.own_page.looks import VISIT

_LOOKED: Final = text("""
    INSERT INTO connection_look AS l (connection_id, on_day, first_at, last_at, times)
    VALUES (:id, :day, :at, :at, 1)
    ON CONFLICT (connection_id, on_day) DO UPDATE SET
        times = l.times + CASE WHEN excluded.last_at > l.last_at + :visit THEN 1 ELSE 0 END,
        last_at = greatest(l.last_at, excluded.last_at)
""")
_LOOKS: Final = text("""
    SELECT on_day, first_at, last_at, times FROM connection_look
    WHERE connection_id = :id ORDER BY on_day
""")


@dataclass(frozen=True, slots=True)
class DayLooked:
    """One day on which a service looked at a request, from when until when, in how many visits."""

    day: date
    first_at: datetime
    last_at: datetime
    times: int

    def beside(self, opened: Sequence[datetime]) -> int:
        """How many of the visits are none in which it opened the request."""
        return self.times - any(abs(self.first_at - at) <= VISIT for at in opened)


def note_look(database: Connection, connection: str, at: datetime) -> None:
    """Note that the service looked at it now."""
    values = {"id": connection, "day": uk_day(at), "at": at, "visit": VISIT}
    database.execute(_LOOKED, values)


def days_looked(database: Connection, connection: str) -> Sequence[DayLooked]:
    """Every day on which it did, the first first."""
    rows = database.execute(_LOOKS, {"id": connection})
    return [DayLooked(row.on_day, row.first_at, row.last_at, row.times) for row in rows]
