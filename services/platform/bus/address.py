"""From an address to an event bus."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import Engine

from services.platform.bus.ports import EventBus
from services.platform.bus.postgres import PostgresEventBus
from services.platform.bus.security import BusSecurity
from services.platform.errors import UnknownBusAddress
from services.platform.settings import Settings

_PLAIN_HERE = BusSecurity()


def open_event_bus(url: str, engine: Engine, security: BusSecurity = _PLAIN_HERE) -> EventBus:
    """Return the bus at `kafka://host:port[,host:port…]`, or for `postgres:` the one in `engine`.

    Nothing is connected yet. Raises UnknownBusAddress, and BusNotSecureError.
    """
    servers = kafka_servers(url)
    if servers:
        from services.platform.bus.kafka import KafkaEventBus  # noqa: PLC0415 slow to import

        return KafkaEventBus(servers, security=security)
    if url in {"postgres", "postgres:"}:
        return PostgresEventBus(engine)
    raise UnknownBusAddress(
        "The bus address is neither kafka://host:port[,host:port…] nor postgres: – correct --bus."
    )


def open_bus_as_set(settings: Settings, engine: Engine) -> EventBus:
    """The bus that the settings name, spoken to as they say. Raises as `open_event_bus` does."""
    return open_event_bus(settings.bus, engine, BusSecurity.as_set(settings))


def kafka_servers(url: str) -> Sequence[str]:
    """The brokers that an address names; none unless it is of Kafka. Raises UnknownBusAddress."""
    parts = urlsplit(url)
    if parts.scheme != "kafka" or not parts.netloc or parts.path.strip("/"):
        return ()
    return [_with_port(server) for server in parts.netloc.split(",")]


def _with_port(server: str) -> str:
    host, colon, port = server.rpartition(":")
    if not (colon and host and port.isdecimal()):
        raise UnknownBusAddress(
            "The bus address names a Kafka server without a port: write kafka://host:port."
        )
    return server
