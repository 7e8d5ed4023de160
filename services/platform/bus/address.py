"""From an address to an event bus."""

from urllib.parse import urlsplit

from sqlalchemy import Engine

from services.platform.bus.ports import EventBus
from services.platform.bus.postgres import PostgresEventBus
from services.platform.errors import UnknownBusAddress


def open_event_bus(url: str, engine: Engine) -> EventBus:
    """Return the bus at `kafka://host:port[,host:port…]`, or for `postgres:` the one in `engine`.

    Nothing is connected yet. Raises UnknownBusAddress.
    """
    parts = urlsplit(url)
    if parts.scheme == "kafka" and parts.netloc and not parts.path.strip("/"):
        from services.platform.bus.kafka import KafkaEventBus  # noqa: PLC0415 slow to import

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
