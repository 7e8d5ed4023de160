"""What anybody may read of the ledger, from the database (services.ledger.published)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from consent.errors import LedgerUnavailableError
from services.ledger.postgres_reading import LedgerReader
from services.ledger.published import TILE_HEIGHT, TILE_WIDTH

_HIGHEST = 63
_LARGEST_INDEX = (1 << 63) - 1
# Tiles lie on every eighth level of the tree, which is among the stored ones.
_LEAVES = text("""
    SELECT leaf_hash FROM ledger_leaf WHERE idx >= :start AND idx < :end ORDER BY idx
""")
_NODES = text("""
    SELECT hash FROM ledger_node WHERE level = :level AND idx >= :start AND idx < :end ORDER BY idx
""")


class PublishedLedgerOnDatabase:
    """Reads with whatever role the engine has; leaves, nodes and checkpoints are all it needs."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def checkpoint(self) -> str | None:
        """Give the newest signed checkpoint with its cosignatures; see PublishedLedger."""
        with self._reader() as reader:
            found = reader.published_checkpoint()
        return None if found is None else found.note

    def consistency(self, old: int, new: int) -> Sequence[bytes] | None:
        """Prove that one tree extends another; see PublishedLedger."""
        with self._reader() as reader:
            if not 0 <= old <= new <= reader.size():
                return None
            return reader.consistency_proof(old, new) if old else ()

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Give some hashes of a tile; see PublishedLedger."""
        height, start = level * TILE_HEIGHT, index * TILE_WIDTH
        if height > _HIGHEST or start + width > _LARGEST_INDEX:
            return None
        values = {"level": height, "start": start, "end": start + width}
        try:
            with self._engine.connect() as connection:
                found = connection.execute(_NODES if level else _LEAVES, values)
                hashes = [bytes(each) for each in found.scalars()]
        except SQLAlchemyError as error:
            raise LedgerUnavailableError("the ledger's hashes could not be read") from error
        return b"".join(hashes) if len(hashes) == width else None

    @contextmanager
    def _reader(self) -> Iterator[LedgerReader]:
        try:
            with self._engine.connect() as connection:
                yield LedgerReader(connection)
        except SQLAlchemyError as error:
            raise LedgerUnavailableError("the ledger could not be read; try again") from error
