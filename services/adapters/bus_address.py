"""From an address to an event bus."""

from urllib.parse import urlsplit

from sqlalchemy import Engine

from services.adapters.bus_postgres import PostgresEventBus
from services.errors import UnknownBusAddress
from services.event_bus import EventBus


def open_event_bus(url: str, engine: Engine) -> EventBus:
    """Return the bus at `kafka://host:port[,host:port…]`, or for `postgres:` the one in `engine`.

    Nothing is connected yet. Raises UnknownBusAddress.
    """
    parts = urlsplit(url)
    if parts.scheme == "kafka" and parts.netloc and not parts.path.strip("/"):
        from services.adapters.bus_kafka import KafkaEventBus  # noqa: PLC0415 slow to import

        return KafkaEventBus([_with_port(server) for server in parts.netloc.split(",")])
    if url in {"postgres", "postgres:"}:
        return PostgresEventBus(engine)
    raise UnknownBusAddress(
        "The bus address is neither kafka://host:port[,host:port…] nor postgres: – correct --bus."
    )


def _with_port(server: str) -> str:
    host, colon, port = server.rpartition(":")
    if not (colon and host and port.isdecimal()):
        raise UnknownBusAddress(
            "The bus address names a Kafka server without a port: write kafka://host:port."
        )
    return server
