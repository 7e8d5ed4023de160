"""Whose turn it is to sweep: once a day, however many processes there are and how often started."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, text

A_DAY = timedelta(hours=23)
"""A little less, so that the hour at which it sweeps does not wander."""

_TAKE = text("""
    INSERT INTO retention_sweep (part, began_at) VALUES (:part, :now)
    ON CONFLICT (part) DO UPDATE SET began_at = excluded.began_at
        WHERE retention_sweep.began_at <= :before
    RETURNING part
""")


def take_turn(connection: Connection, part: str, now: datetime) -> bool:
    """Whether nobody has begun a sweep of this part within a day: then it is ours.

    One that dies in the middle is begun again a day later; nothing but time is lost.
    """
    wanted = {"part": part, "now": now, "before": now - A_DAY}
    return connection.execute(_TAKE, wanted).first() is not None
