"""Token buckets: one for all processes, filled by the database's clock, emptied by who asks.

A bucket is kept as the moment at which it will be full again (the theoretical arrival time of the
generic cell rate algorithm, ITU-T I.371): one row, changed by one statement, so that two processes
never both take the last. Machines whose clocks differ share buckets.
"""

from datetime import timedelta

from sqlalchemy import Connection, text

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
_GIVE_BACK = text("""
    UPDATE partner_pace SET free_at = free_at - CAST(:taken AS interval) WHERE bucket = :bucket
""")
# One that is full again says nothing.
_FORGET_FULL = text("DELETE FROM partner_pace WHERE free_at < statement_timestamp()")
_LEAST_WAIT = timedelta(milliseconds=1)


def take_from(
    connection: Connection, bucket: str, *, per_second: float, burst: int, count: int = 1
) -> timedelta | None:
    """Take `count` of `burst`, filled at `per_second`; None when they were there, else the wait."""
    one = timedelta(seconds=1 / per_second)
    asked = {"bucket": bucket, "one": one * count, "whole": one * burst}
    if connection.execute(_TAKE, asked).rowcount:
        return None
    wait: timedelta = connection.execute(_WAIT, asked).scalar_one()
    return max(wait, _LEAST_WAIT)


def give_back(connection: Connection, bucket: str, *, per_second: float, count: int) -> None:
    """Put back what was taken and not used; never more than a bucket holds."""
    taken = timedelta(seconds=1 / per_second) * count
    connection.execute(_GIVE_BACK, {"bucket": bucket, "taken": taken})


def forget_full_buckets(connection: Connection) -> int:
    """Delete what nobody is kept waiting by; gives how many."""
    return connection.execute(_FORGET_FULL).rowcount
