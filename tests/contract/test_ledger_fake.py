"""The ledger in memory keeps the contract."""

from collections.abc import Sequence
from contextlib import AbstractContextManager

import pytest

from tests.contract.ledger_contract import LedgerContract
from tests.support.fakes.fake_ledger import FakeLedger


class _World:
    def __init__(self) -> None:
        self.ledger = FakeLedger()

    def transaction(self) -> AbstractContextManager[FakeLedger]:
        return self.ledger.transaction()

    def committed(self) -> Sequence[bytes]:
        return [entry.body for entry in self.ledger.committed]

    def break_down(self) -> None:
        self.ledger.is_available = False


class TestFakeLedger(LedgerContract):
    """The contract, in memory."""

    @pytest.fixture
    def world(self) -> _World:
        """Give an empty ledger."""
        return _World()
