"""The fake event bus keeps the contract of the real ones."""

from typing import cast

import pytest

from services.platform.bus.ports import Subscription
from tests.contract.event_bus_contract import EventBusContract
from tests.support.fakes.fake_event_bus import FakeEventBus, FakeSubscription


class TestFakeEventBus(EventBusContract):
    """The contract, in memory."""

    @pytest.fixture
    def bus(self) -> FakeEventBus:
        """Give an empty bus."""
        return FakeEventBus()

    def die(self, member: Subscription) -> None:
        """Take the member away."""
        cast("FakeSubscription", member).die()
