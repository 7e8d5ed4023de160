"""Addresses of event buses."""

import pytest
from sqlalchemy import create_engine

from services.platform.bus.address import open_event_bus
from services.platform.bus.kafka import KafkaEventBus
from services.platform.bus.postgres import PostgresEventBus
from services.platform.bus.security import BusSecurity
from services.platform.errors import BusNotSecureError, UnknownBusAddress

ENGINE = create_engine("postgresql+psycopg://nowhere.invalid/none")


@pytest.mark.parametrize("url", ["postgres:", "postgres"])
def test_the_embedded_bus_is_in_the_database(url: str):
    """It takes the engine and connects to nothing yet."""
    assert isinstance(open_event_bus(url, ENGINE), PostgresEventBus)


@pytest.mark.parametrize("url", ["kafka://one:9092", "kafka://one:9092,two:9093/"])
def test_a_kafka_address_names_its_servers(url: str):
    """One or several; nothing is connected yet."""
    meant = BusSecurity("plaintext")

    assert isinstance(open_event_bus(url, ENGINE, meant), KafkaEventBus)


def test_a_bus_on_this_machine_is_spoken_to_in_the_clear():
    """Nothing has to be said for that."""
    assert isinstance(open_event_bus("kafka://127.0.0.1:1,localhost:2", ENGINE), KafkaEventBus)


@pytest.mark.parametrize(
    ("security", "to_set"),
    [
        (BusSecurity(), "bus_security"),
        (BusSecurity("scram"), "bus_user and bus_password"),
        (BusSecurity("scram", user="tell-once-relay"), "bus_user and bus_password"),
        (BusSecurity("tls", "/nowhere/ca.crt"), "bus_ca"),
        (BusSecurity("tls", certificate="/nowhere/relay.crt"), "bus_certificate and bus_key"),
    ],
    ids=["unset", "nobody", "no-password", "no-authority", "half-a-certificate"],
)
def test_another_machine_s_is_not_without_a_word(security: BusSecurity, to_set: str):
    """What to set is said, and nothing is sent."""
    with pytest.raises(BusNotSecureError, match=to_set):
        open_event_bus("kafka://127.0.0.1:1,broker.example:9093", ENGINE, security)


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
