"""How often somebody may try something in an hour, counted over all processes.

A limit is counted by who asks and by what they typed, never by whom that finds: that it is reached
tells nothing of what is held. What was typed is kept as a keyed hash, and only until its bucket is
full again.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from consent.ledger import FieldValue, LedgerEntry, ledger_entry
from consent.ledger.events import LedgerEvent
from services.platform.database.buckets import take_from
from services.platform.keys.hashing import KeyedHasher

_HOUR = timedelta(hours=1)


class PostgresLimits:
    """Limits as one transaction counts them; what it took is given back if it is rolled back."""

    def __init__(self, connection: Connection, hasher: KeyedHasher) -> None:
        self._connection = connection
        self._hasher = hasher

    def take(self, kind: str, key: Sequence[str], per_hour: int) -> bool:
        """Take one of the hour's; false when there is none left.

        `kind` says of what, `key` who asks and what they typed. A full bucket holds the whole
        hour's, and fills evenly.
        """
        return self.wait_for(kind, key, per_hour) is None

    def wait_for(self, kind: str, key: Sequence[str], per_hour: int) -> timedelta | None:
        """The same; None when there was one, else how long it is until there is."""
        bucket = f"limit:{kind}:{self._hasher.opaque(f'limit:{kind}', *key)}"
        per_second = per_hour / _HOUR.total_seconds()
        return take_from(self._connection, bucket, per_second=per_second, burst=per_hour)


def limit_reached(kind: str, per_hour: int, *, actor: str, at: datetime) -> LedgerEntry:
    """The entry of a try that was one too many; about whom it was is not in it."""
    fields: dict[str, FieldValue] = {"limit": kind, "per_hour": per_hour}
    return ledger_entry(LedgerEvent.LIMIT_REACHED, fields, at=at, actor=actor)
