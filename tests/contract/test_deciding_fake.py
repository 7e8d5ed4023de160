"""Decisions, persons and outbox in memory keep the contract."""

from collections.abc import Sequence

import pytest

from tests.contract.deciding_contract import DecidingContract
from tests.support.fakes.fake_decisions import FakeDecisions, FakeOutbox, FakePersons


class _World:
    def __init__(self) -> None:
        self.persons = FakePersons()
        self.decisions = FakeDecisions()
        self.outbox = FakeOutbox()

    def announced(self) -> Sequence[tuple[str, str]]:
        return [(event.topic, event.key) for event in self.outbox.events]


class TestFakeDeciding(DecidingContract):
    """The contract, in memory."""

    @pytest.fixture
    def world(self) -> _World:
        """Give ports of which nothing is known yet."""
        return _World()
