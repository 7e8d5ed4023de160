"""The published ledger in memory keeps the contract."""

from collections.abc import Sequence

import pytest

from consent.ledger import LedgerEntry
from tests.contract.published_ledger_contract import PublishedLedgerContract
from tests.support.fakes.fake_published_ledger import FakePublishedLedger


class _World:
    def __init__(self) -> None:
        self.published = FakePublishedLedger()

    def grow(self, entries: Sequence[LedgerEntry]) -> None:
        self.published.grow(entries)

    def break_down(self) -> None:
        self.published.is_available = False


class TestFakePublishedLedger(PublishedLedgerContract):
    """The contract, in memory."""

    @pytest.fixture
    def empty(self) -> _World:
        """Give an empty ledger that was never signed."""
        return _World()
