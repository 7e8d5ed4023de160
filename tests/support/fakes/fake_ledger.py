"""A ledger in memory that keeps the contract of `consent.ports.Ledger`."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Self

from consent.errors import LedgerConflictError, LedgerUnavailableError
from consent.ledger import LedgerEntry
from consent.ledger.events import LedgerEvent


class FakeLedger:
    """Holds entries back until `commit`, as the transaction it stands for would.

    Make `is_available` false to see what happens when nothing can be written.
    """

    def __init__(self) -> None:
        self.is_available = True
        self._committed: list[LedgerEntry] = []
        self._pending: list[LedgerEntry] = []

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        """Append; see consent.ports.Ledger."""
        if not self.is_available:
            raise LedgerUnavailableError("the fake ledger was made unavailable")
        for entry in entries:
            stored = next((e for e in self.appended if e.entry_id == entry.entry_id), None)
            if stored is None:
                self._pending.append(entry)
            elif not entry.records_the_same_as(stored.body):
                raise LedgerConflictError(f"another entry is in the ledger as {entry.entry_id}")

    @property
    def appended(self) -> Sequence[LedgerEntry]:
        """What this transaction sees: what was committed and what it appended itself."""
        return (*self._committed, *self._pending)

    @property
    def committed(self) -> Sequence[LedgerEntry]:
        """What would be there after a crash now."""
        return tuple(self._committed)

    def of(self, event: LedgerEvent) -> Sequence[LedgerEntry]:
        """Everything that was appended of one event."""
        return tuple(entry for entry in self.appended if entry.event is event)

    def commit(self) -> None:
        """End the transaction; its entries are durable."""
        self._committed += self._pending
        self._pending = []

    def rollback(self) -> None:
        """End the transaction; its entries were never there."""
        self._pending = []

    @contextmanager
    def transaction(self) -> Iterator[Self]:
        """Commit at the end of the block, roll back when it raises."""
        try:
            yield self
        except BaseException:
            self.rollback()
            raise
        self.commit()
