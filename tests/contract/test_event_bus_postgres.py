"""The event bus on PostgreSQL keeps the contract."""

from typing import cast

import pytest
from sqlalchemy import Engine

from services.platform.bus.ports import Subscription
from services.platform.bus.postgres import PostgresEventBus
from services.platform.bus.postgres_subscription import PostgresSubscription
from tests.contract.event_bus_contract import EventBusContract

pytestmark = pytest.mark.postgres


class TestPostgresEventBus(EventBusContract):
    """The contract, in a database."""

    @pytest.fixture
    def bus(self, bus_engine: Engine) -> PostgresEventBus:
        """Give a bus in the database of this module."""
        return PostgresEventBus(bus_engine)

    def die(self, member: Subscription) -> None:
        """Break the connection: that is all the server sees of a killed process."""
        session = cast("PostgresSubscription", member)._session
        assert session is not None
        session._connection.close()
