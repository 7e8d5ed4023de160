"""What anybody may read of the ledger: signed checkpoints and hashes, never an entry."""

from collections.abc import Sequence
from typing import Protocol

TILE_WIDTH = 256
TILE_HEIGHT = 8


class PublishedLedger(Protocol):
    """The ledger as witnesses and monitors see it.

    Consistency: whatever is given belongs to a tree that was signed before. Failure: every method
    raises LedgerUnavailableError, or LedgerBrokenError when the storage lacks a hash.
    """

    def checkpoint(self) -> str | None:
        """Give the newest signed checkpoint with its cosignatures; None before the first."""

    def consistency(self, old: int, new: int) -> Sequence[bytes] | None:
        """Prove that the tree of `new` entries extends that of `old` (RFC 9162 section 2.1.4.1).

        None unless 0 <= old <= new <= the size of the ledger; empty from 0.
        """

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Give `width` hashes of a tile one after the other (c2sp.org/tlog-tiles).

        None when the ledger has not that many there.
        """
