"""The ledger port on PostgreSQL: appends entries in the caller's transaction."""

from collections.abc import Sequence

from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from consent.errors import LedgerConflictError, LedgerUnavailableError
from consent.ledger import LedgerEntry

# In the driver's own words, because %b sends binary: as text, two arrays of bodies cost the client
# twice what all the rest of a transaction of a hundred entries does. One entry needs no arrays.
_APPEND_ONE = """
    INSERT INTO ledger_entry (entry_id, body) VALUES (%(id)b, %(body)b)
    ON CONFLICT (entry_id) DO NOTHING
"""
_APPEND = """
    INSERT INTO ledger_entry (entry_id, body)
    SELECT entry_id, body
    FROM unnest(CAST(%(ids)b AS uuid[]), CAST(%(bodies)b AS bytea[])) AS new (entry_id, body)
    ON CONFLICT (entry_id) DO NOTHING
"""
_STORED = text("SELECT entry_id, body FROM ledger_entry WHERE entry_id = ANY(CAST(:ids AS uuid[]))")


class PostgresLedger:
    """Appends with one statement a call, in the transaction of its connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        """Write the entries; see consent.ports.Ledger for what holds and what is raised."""
        if not entries:
            return
        try:
            if self._insert(entries) != len(entries):
                self._require_the_same(entries)
        except SQLAlchemyError as error:
            raise LedgerUnavailableError(
                f"{len(entries)} ledger entries could not be written; roll back and show nothing"
            ) from error

    def _insert(self, entries: Sequence[LedgerEntry]) -> int:
        if len(entries) == 1:
            values = {"id": entries[0].entry_id, "body": entries[0].body}
            return self._connection.exec_driver_sql(_APPEND_ONE, values).rowcount
        arrays = {
            "ids": [entry.entry_id for entry in entries],
            "bodies": [entry.body for entry in entries],
        }
        return self._connection.exec_driver_sql(_APPEND, arrays).rowcount

    def _require_the_same(self, entries: Sequence[LedgerEntry]) -> None:
        rows = self._connection.execute(_STORED, {"ids": [entry.entry_id for entry in entries]})
        stored = {entry_id: bytes(body) for entry_id, body in rows}
        for entry in entries:
            if not entry.records_the_same_as(stored[entry.entry_id]):
                raise LedgerConflictError(
                    f"another entry is in the ledger as {entry.entry_id}; roll back, and give "
                    "what differs an id of its own"
                )
