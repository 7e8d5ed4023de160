"""The witness' memory that lasts as long as the process keeps the contract."""

import pytest

from tests.contract.witness_memory_contract import WitnessMemoryContract
from tests.support.fakes.fake_witness_memory import FakeWitnessMemory


class _World:
    def __init__(self) -> None:
        self.memory = FakeWitnessMemory()

    def break_down(self) -> None:
        self.memory.is_available = False


class TestFakeWitnessMemory(WitnessMemoryContract):
    """The contract, in memory."""

    @pytest.fixture
    def world(self) -> _World:
        """Give a memory of nothing."""
        return _World()
