"""Addresses of event buses."""

import pytest
from sqlalchemy import create_engine

from services.platform.bus.address import open_event_bus
from services.platform.bus.kafka import KafkaEventBus
from services.platform.bus.postgres import PostgresEventBus
from services.platform.errors import UnknownBusAddress

ENGINE = create_engine("postgresql+psycopg://nowhere.invalid/none")


@pytest.mark.parametrize("url", ["postgres:", "postgres"])
def test_the_embedded_bus_is_in_the_database(url: str):
    """It takes the engine and connects to nothing yet."""
    assert isinstance(open_event_bus(url, ENGINE), PostgresEventBus)


@pytest.mark.parametrize("url", ["kafka://one:9092", "kafka://one:9092,two:9093/"])
def test_a_kafka_address_names_its_servers(url: str):
    """One or several; nothing is connected yet."""
    assert isinstance(open_event_bus(url, ENGINE), KafkaEventBus)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "kafka",
        "kafka://",
        "kafka://one",
        "kafka://one:",
        "kafka://:9092",
        "kafka://one:9092,two",
        "kafka://one:9092/topic",
        "amqp://one:5672",
        "postgresql://one/two",
    ],
)
def test_any_other_address_is_refused_with_what_to_write(url: str):
    """A misspelt address must not end in some other bus."""
    with pytest.raises(UnknownBusAddress, match="kafka://host:port"):
        open_event_bus(url, ENGINE)
