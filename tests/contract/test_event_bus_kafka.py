"""The event bus on Apache Kafka keeps the contract."""

from collections.abc import Iterator
from datetime import timedelta
from typing import cast

import pytest

from services.platform.bus.kafka import KafkaEventBus
from services.platform.bus.kafka_subscription import KafkaSubscription
from services.platform.bus.ports import Subscription
from tests.contract.event_bus_contract import EventBusContract
from tests.support.waiting import on_this_machine

pytestmark = [pytest.mark.kafka, pytest.mark.enable_socket]


class TestKafkaEventBus(EventBusContract):
    """The contract, on a real broker."""

    @pytest.fixture
    def bus(self, kafka_bootstrap: str) -> Iterator[KafkaEventBus]:
        """Give a bus on the broker of this test session, with the shortest session Kafka allows.

        On a busy machine it is longer: a member must find the time to say that it lives.
        """
        bus = KafkaEventBus([kafka_bootstrap], session=timedelta(seconds=on_this_machine(6)))
        yield bus
        bus.close()

    def die(self, member: Subscription) -> None:
        """Cut the connections without leaving the group."""
        cast("KafkaSubscription", member)._consumer._client.close()
