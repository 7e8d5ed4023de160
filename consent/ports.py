"""What the core needs from outside, and what it may rely on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from consent.ledger import LedgerEntry


class Clock(Protocol):
    """Tells the time.

    MUST give aware UTC times that never go back within one process by more than the operating
    system's own correction. Never fails.
    """

    def now(self) -> datetime:
        """Tell the time now, aware, UTC."""


class Ledger(Protocol):
    """The append-only log of what happened (DESIGN.md section 8).

    One ledger belongs to one transaction of the caller and MUST write in it: the entries are
    durable when the caller commits, and were never there when the caller rolls back. Whatever
    an entry records MUST NOT be shown or sent before that commit.

    Ordering: entries of one transaction keep the order they were appended in. An entry that was
    appended after another one was committed comes after it in the ledger.

    An id is written once. Appending the same fact again under the same id (same event, actor and
    fields, at whatever time) changes nothing and the first entry stands, so that a redelivered
    message may be handled twice. A different fact under a known id raises LedgerConflictError.

    Failure: LedgerUnavailableError when the entries cannot be written. After either error the
    caller MUST roll back and show nothing.
    """

    def append(self, entries: Sequence[LedgerEntry]) -> None:
        """Write the entries in the caller's transaction, all of them or none."""
