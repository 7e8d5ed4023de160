"""What every published ledger keeps (services.ledger.published), whatever it is made of."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

import pytest

from consent.errors import LedgerUnavailableError
from consent.ledger import LedgerEntry
from consent.ledger.merkle import Frontier, leaf_hash, verify_consistency
from consent.transparency.checkpoint import open_checkpoint
from services.ledger.published import TILE_WIDTH, PublishedLedger
from tests.support.ledger.ledger_builders import SIGNER, an_entry

_ENTRIES = [an_entry(number=number) for number in range(600)]
_LEAVES = [leaf_hash(entry.body) for entry in _ENTRIES]


class PublishedWorld(Protocol):
    """A ledger, and what is published of it."""

    published: PublishedLedger

    def grow(self, entries: Sequence[LedgerEntry]) -> None:
        """Append these entries and sign."""

    def break_down(self) -> None:
        """Make every later read fail."""


def root(start: int, end: int) -> bytes:
    """Compute the root of some of the entries from their leaves alone."""
    frontier = Frontier()
    for leaf in _LEAVES[start:end]:
        frontier.append(leaf)
    return frontier.root()


class PublishedLedgerContract(ABC):
    """The contract; a subclass gives the world."""

    @pytest.fixture
    @abstractmethod
    def empty(self) -> PublishedWorld:
        """Give an empty ledger that was never signed."""

    @pytest.fixture
    def world(self, empty: PublishedWorld) -> PublishedWorld:
        """Give a ledger of 600 entries, signed at 7, 300 and 600."""
        for start, end in [(0, 7), (7, 300), (300, 600)]:
            empty.grow(_ENTRIES[start:end])
        return empty

    def test_nothing_is_published_before_it_is_signed(self, empty: PublishedWorld):
        """No checkpoint, no tile, and of an empty tree no proof but the empty one."""
        assert empty.published.checkpoint() is None
        assert empty.published.tile(0, 0, 1) is None
        assert empty.published.consistency(0, 1) is None

    def test_the_newest_checkpoint_is_published(self, world: PublishedWorld):
        """Signed, of the whole tree."""
        note = world.published.checkpoint()

        assert note is not None
        checkpoint = open_checkpoint(note, [SIGNER.verifier_key]).checkpoint
        assert (checkpoint.size, checkpoint.root) == (600, root(0, 600))

    @pytest.mark.parametrize(
        ("old", "new"), [(7, 300), (1, 600), (300, 600), (600, 600), (255, 256)]
    )
    def test_any_two_sizes_are_proved(self, world: PublishedWorld, old: int, new: int):
        """Also where nothing was signed."""
        proof = world.published.consistency(old, new)

        assert proof is not None
        verify_consistency(
            first=old, second=new, proof=proof, first_root=root(0, old), second_root=root(0, new)
        )

    def test_from_nothing_there_is_nothing_to_prove(self, world: PublishedWorld):
        """Every tree extends the empty one."""
        assert list(world.published.consistency(0, 600) or []) == []
        assert world.published.consistency(0, 0) is not None

    @pytest.mark.parametrize(
        ("old", "new"), [(8, 7), (0, 601), (600, 601), (-1, 5), (1 << 62, 1 << 62)]
    )
    def test_sizes_that_there_are_not_are_not_proved(
        self, world: PublishedWorld, old: int, new: int
    ):
        """None, whatever is asked."""
        assert world.published.consistency(old, new) is None

    def test_tiles_are_the_tree(self, world: PublishedWorld):
        """Leaves on level 0, roots of full tiles on level 1 (c2sp.org/tlog-tiles)."""
        full = b"".join(_LEAVES[256:512])
        roots = root(0, 256) + root(256, 512)

        assert world.published.tile(0, 1, TILE_WIDTH) == full
        assert world.published.tile(0, 2, 88) == b"".join(_LEAVES[512:])
        assert world.published.tile(0, 2, 5) == b"".join(_LEAVES[512:517])
        assert world.published.tile(1, 0, 2) == roots

    @pytest.mark.parametrize(
        ("level", "index", "width"),
        [(0, 2, 89), (0, 2, 256), (0, 3, 1), (1, 0, 3), (2, 0, 1), (8, 0, 1), (63, 0, 1)],
    )
    def test_tiles_that_there_are_not_are_not_given(
        self, world: PublishedWorld, level: int, index: int, width: int
    ):
        """Neither beyond the tree nor more of a tile than there is."""
        assert world.published.tile(level, index, width) is None

    def test_a_tile_far_away_is_not_given(self, world: PublishedWorld):
        """Further than any tree can reach."""
        assert world.published.tile(0, 10**21, TILE_WIDTH) is None

    def test_a_ledger_that_cannot_be_read_says_so(self, world: PublishedWorld):
        """In every way."""
        world.break_down()

        with pytest.raises(LedgerUnavailableError):
            world.published.checkpoint()
        with pytest.raises(LedgerUnavailableError):
            world.published.consistency(7, 300)
        with pytest.raises(LedgerUnavailableError):
            world.published.tile(0, 0, 7)
