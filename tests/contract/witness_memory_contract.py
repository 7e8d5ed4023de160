"""What every memory of a witness keeps (transparency.witness.WitnessMemory), whatever it is."""

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

import pytest

from consent.errors import WitnessForgetfulError
from consent.transparency.checkpoint import OpenedCheckpoint, read_checkpoint
from consent.transparency.witness import SeenTree, WitnessMemory
from tests.support.ledger.ledger_builders import ORIGIN
from tests.support.ledger.witness_builders import GrowingLog

LOG = GrowingLog()
_OTHER = "other.example/log"
_THREADS = 8


def a_checkpoint(size: int) -> OpenedCheckpoint:
    """Give the log's checkpoint of this size."""
    return read_checkpoint(LOG.note(size), [])


def a_tree(size: int) -> SeenTree:
    """Give what is remembered of it."""
    return SeenTree(size, LOG.root(size))


class MemoryWorld(Protocol):
    """A memory, and a way to break it."""

    memory: WitnessMemory

    def break_down(self) -> None:
        """Make every later call fail."""


class WitnessMemoryContract(ABC):
    """The contract; a subclass gives the world."""

    @pytest.fixture
    @abstractmethod
    def world(self) -> MemoryWorld:
        """Give a memory of nothing."""

    def test_a_new_witness_has_seen_the_empty_tree(self, world: MemoryWorld):
        """Of every log, also of one it will never hear of."""
        assert world.memory.seen(ORIGIN) == SeenTree()

    def test_what_was_taken_is_remembered(self, world: MemoryWorld):
        """Step by step, the same once more, and apart from other logs."""
        for before, after in [(0, 3), (3, 3), (3, 8)]:
            assert world.memory.advance(ORIGIN, last=a_tree(before), checkpoint=a_checkpoint(after))
            assert world.memory.seen(ORIGIN) == a_tree(after)

        assert world.memory.seen(_OTHER) == SeenTree()

    @pytest.mark.parametrize("last", [SeenTree(), a_tree(2), SeenTree(3, bytes(32))], ids=repr)
    def test_who_comes_from_another_tree_takes_nothing(self, world: MemoryWorld, last: SeenTree):
        """Not from less, and not from another of the same size."""
        world.memory.advance(ORIGIN, last=SeenTree(), checkpoint=a_checkpoint(3))

        assert not world.memory.advance(ORIGIN, last=last, checkpoint=a_checkpoint(8))
        assert world.memory.seen(ORIGIN) == a_tree(3)

    def test_of_several_at_once_one_advances(self, world: MemoryWorld):
        """All from the same tree, each to another."""
        world.memory.advance(ORIGIN, last=SeenTree(), checkpoint=a_checkpoint(3))

        def advance(size: int) -> bool:
            return world.memory.advance(ORIGIN, last=a_tree(3), checkpoint=a_checkpoint(size))

        with ThreadPoolExecutor(_THREADS) as pool:
            done = list(pool.map(advance, range(4, 4 + _THREADS)))

        assert done.count(True) == 1
        assert world.memory.seen(ORIGIN) == a_tree(4 + done.index(True))

    def test_a_memory_that_fails_says_so(self, world: MemoryWorld):
        """So that nothing is cosigned."""
        world.break_down()

        with pytest.raises(WitnessForgetfulError):
            world.memory.seen(ORIGIN)
        with pytest.raises(WitnessForgetfulError):
            world.memory.advance(ORIGIN, last=SeenTree(), checkpoint=a_checkpoint(3))
