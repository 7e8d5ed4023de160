"""services.ledger.published.PublishedLedger over entries in memory."""

from collections.abc import Sequence

from consent.errors import LedgerUnavailableError
from consent.ledger import LedgerEntry
from consent.ledger.merkle import Frontier, consistency_proof, leaf_hash, node_hash
from services.ledger.published import TILE_HEIGHT, TILE_WIDTH
from tests.support.ledger.ledger_builders import SIGNER


class FakePublishedLedger:
    """Keeps the contract."""

    def __init__(self) -> None:
        self.is_available = True
        self._leaves: list[bytes] = []
        self._note: str | None = None

    def grow(self, entries: Sequence[LedgerEntry]) -> None:
        """Append these entries and sign."""
        self._leaves += [leaf_hash(entry.body) for entry in entries]
        frontier = Frontier()
        for leaf in self._leaves:
            frontier.append(leaf)
        self._note = SIGNER.sign_checkpoint(size=frontier.size, root=frontier.root())

    def checkpoint(self) -> str | None:
        """Give the newest signed checkpoint."""
        self._require_available()
        return self._note

    def consistency(self, old: int, new: int) -> Sequence[bytes] | None:
        """Prove that one tree extends another."""
        self._require_available()
        if not 0 <= old <= new <= len(self._leaves):
            return None
        return consistency_proof(old, new, self._node_at) if old else ()

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Give some hashes of a tile."""
        self._require_available()
        height = level * TILE_HEIGHT
        start = index * TILE_WIDTH
        if start + width > len(self._leaves) >> height:
            return None
        return b"".join(self._node_at(height, start + place) for place in range(width))

    def _node_at(self, level: int, index: int) -> bytes:
        if level == 0:
            return self._leaves[index]
        return node_hash(*(self._node_at(level - 1, 2 * index + side) for side in (0, 1)))

    def _require_available(self) -> None:
        if not self.is_available:
            raise LedgerUnavailableError("the ledger is away")
