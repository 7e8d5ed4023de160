"""Token buckets in PostgreSQL: one for all processes, filled by its clock, emptied by requests.

A bucket is kept as the moment at which it will be full again (the theoretical arrival time of the
generic cell rate algorithm, ITU-T I.371): one row, changed by one statement, so that two processes
never both take the last. The time is the database's: machines whose clocks differ share buckets.
"""

from datetime import timedelta

from sqlalchemy import Connection, text

from services.partners.ports import Pace

_TAKE = text("""
    INSERT INTO partner_pace AS kept (bucket, free_at)
    VALUES (:bucket, statement_timestamp() + CAST(:one AS interval))
    ON CONFLICT (bucket) DO UPDATE
        SET free_at = greatest(kept.free_at, statement_timestamp()) + :one
    WHERE greatest(kept.free_at, statement_timestamp()) + :one
        <= statement_timestamp() + CAST(:whole AS interval)
""")
_WAIT = text("""
    SELECT greatest(free_at - statement_timestamp(), interval '0') + CAST(:one AS interval)
        - CAST(:whole AS interval)
    FROM partner_pace WHERE bucket = :bucket
""")
_LEAST_WAIT = timedelta(milliseconds=1)


class PostgresPacing:
    """services.partners.ports.Pacing."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, bucket: str, pace: Pace) -> timedelta | None:
        """Take one; None when there was one, else how long it is until there is."""
        one = timedelta(seconds=1 / pace.per_second)
        asked = {"bucket": bucket, "one": one, "whole": one * pace.burst}
        if self._connection.execute(_TAKE, asked).rowcount:
            return None
        wait: timedelta = self._connection.execute(_WAIT, asked).scalar_one()
        return max(wait, _LEAST_WAIT)
