"""How kafka-python's clients are set up, what is mended in them, and its errors as ours."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from socket import socket
from typing import Any, Final

from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from kafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor
from kafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    TopicAuthorizationFailedError,
    UnknownTopicOrPartitionError,
)
from kafka.net.compat import KafkaNetClient
from kafka.net.inet import KafkaNetSocket
from kafka.partitioner.default import DefaultPartitioner, murmur2

from services.platform.bus.security import BusSecurity
from services.platform.errors import BusRefused, BusUnavailable, MessageTooLarge, UnknownTopic

UNKNOWN: Final = "Kafka has no such topic. Make it with ensure_topics, then try again."


_NOT_LET: Final = (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)


@contextmanager
def translated(servers: Sequence[str], doing: str) -> Iterator[None]:
    """Raise our error for whatever kafka-python raises inside; a wrong setting stays a bug."""
    try:
        yield
    except KafkaConfigurationError:
        raise
    except UnknownTopicOrPartitionError as error:
        raise UnknownTopic(f"Kafka could not {doing}: {UNKNOWN}") from error
    except MessageSizeTooLargeError as error:
        raise MessageTooLarge(
            "A message is over the broker's limit. Park it, or raise message.max.bytes."
        ) from error
    except _NOT_LET as error:
        raise BusRefused(
            f"Kafka did not let this user {doing} ({type(error).__name__}). "
            "See that bus_user is the part's own, and run tell-once bus create."
        ) from error
    except KafkaError as error:
        raise BusUnavailable(
            f"Kafka at {','.join(servers)} could not {doing} ({type(error).__name__}). "
            "Look whether the broker runs, then try again."
        ) from error


# Works round a fault of kafka-python 3.0.12 in joining a consumer group.
#
# A join goes on in the background when `poll` runs out of time. If it ends before the next `poll`,
# that one does not take its result: it joins again, and so makes the whole group join again; or,
# where new metadata was the reason to join, it takes the matter for settled and never reads again.
# Here the result is kept, and wanted, until a `poll` takes it.


@dataclass(frozen=True, slots=True)
class _Join:
    assignment: bytes
    generation: object
    at: float


def keep_finished_joins(consumer: KafkaConsumer, session_seconds: float) -> None:
    """Let every join of `consumer` count, however short its polls.

    A result is good as long as the broker still knows the member: nothing beats for it meanwhile.
    """
    coordinator: Any = consumer._coordinator  # noqa: SLF001
    coordinator._do_join_and_sync_async, coordinator._on_join_complete_async = _keeping(  # noqa: SLF001
        coordinator, session_seconds
    )


def _keeping(
    coordinator: Any, session_seconds: float
) -> tuple[Callable[[], Awaitable[bytes]], Callable[..., Awaitable[None]]]:
    join_anew = coordinator._do_join_and_sync_async  # noqa: SLF001
    complete = coordinator._on_join_complete_async  # noqa: SLF001
    kept: list[_Join] = []

    def is_good(join: _Join) -> bool:
        is_same = join.generation is coordinator._generation  # noqa: SLF001
        return is_same and time.monotonic() - join.at < session_seconds

    async def join_once() -> bytes:
        coordinator.rejoin_needed = True  # until a poll has taken the result
        if not (kept and is_good(kept[0])):
            assignment = await join_anew()
            kept[:] = [_Join(assignment, coordinator._generation, time.monotonic())]  # noqa: SLF001
        return kept[0].assignment

    async def complete_and_forget(*result: object) -> None:
        kept.clear()
        await complete(*result)

    return join_once, complete_and_forget


# Clients as we set them up, and cleaned up where kafka-python does not do so itself.

_HEARTBEAT_MS: Final = 1_000  # also how soon a member hears of a rebalance
_SILENCE_MS: Final = 60_000  # longest time between two polls, hence longest batch
_BATCH_BYTES: Final = 262_144
_FETCH_BYTES: Final = 16 * 1024 * 1024
_CLOSE_SECONDS: Final = 5.0


class KafkaClients:
    """Makes connected clients. All raise kafka-python's errors if no broker answers in time."""

    def __init__(
        self,
        servers: Sequence[str],
        patience: timedelta,
        session: timedelta,
        security: BusSecurity,
    ) -> None:
        self._patience_ms = int(patience.total_seconds() * 1000)
        self._session = session
        self._settings: dict[str, object] = {
            "bootstrap_servers": list(servers),
            "bootstrap_timeout_ms": self._patience_ms,
            "request_timeout_ms": min(10_000, self._patience_ms),
            "reconnect_backoff_max_ms": 1_000,
            "proxy_url": "tidy://direct",
            **security.client_settings(servers),
        }

    @contextmanager
    def admin(self) -> Iterator[KafkaAdminClient]:
        """Give a client for topics, closed afterwards."""
        admin = _connected(KafkaAdminClient, self._settings)
        try:
            yield admin
        finally:
            admin.close()

    def producer(self) -> KafkaProducer:
        """Make an idempotent producer that waits for all replicas."""
        own = {
            "acks": "all",
            "enable_idempotence": True,
            "compression_type": "zstd",
            "partitioner": _RememberingPartitioner(),
            "batch_size": _BATCH_BYTES,
            # Fills batches while a list is being sent; the flush at its end does not wait for it.
            "linger_ms": 20,
            "delivery_timeout_ms": self._patience_ms + 1_000,
            "max_block_ms": self._patience_ms,
            "metrics_enabled": False,
            "allow_auto_create_topics": False,
        }
        producer: KafkaProducer = _connected(KafkaProducer, self._settings | own)
        return producer

    def consumer(self, group: str) -> KafkaConsumer:
        """Make a member of a group that commits nothing."""
        session_ms = int(self._session.total_seconds() * 1000)
        own = {
            "group_id": group,
            "enable_auto_commit": False,
            "isolation_level": "read_committed",
            "auto_offset_reset": "earliest",
            "partition_assignment_strategy": [RoundRobinPartitionAssignor],
            "session_timeout_ms": session_ms,
            "heartbeat_interval_ms": _HEARTBEAT_MS,
            "max_poll_interval_ms": _SILENCE_MS,
            "fetch_max_bytes": _FETCH_BYTES,
            "fetch_max_wait_ms": 200,
            "metrics_enabled": False,
            "allow_auto_create_topics": False,
        }
        consumer: KafkaConsumer = _connected(KafkaConsumer, self._settings | own)
        keep_finished_joins(consumer, self._session.total_seconds())
        return consumer


class _RememberingPartitioner(DefaultPartitioner):
    """Chooses as every Kafka client does, and remembers: its murmur2 is slow, and keys recur."""

    def __init__(self) -> None:
        self._hash = lru_cache(maxsize=65_536)(murmur2)

    def partition(self, topic: str, _key: object, serialized_key: bytes, *rest: Any) -> int:
        cluster = rest[-1]
        chosen: int = self._hash(serialized_key) & 0x7FFFFFFF
        return chosen % len(cluster.partitions_for_topic(topic))


class _TidySocket(KafkaNetSocket):
    """Closes a socket that could not be connected; kafka-python leaves that to chance.

    Chosen by the scheme of a `proxy_url`; there is no proxy.
    """

    SCHEMES = ("tidy",)

    async def sock_connect(
        self, net: object, sock: socket, sockaddr: object, timeout_at: float | None = None
    ) -> Any:
        try:
            connecting = super().sock_connect(net, sock, sockaddr, timeout_at=timeout_at)  # type: ignore[no-untyped-call]
            return await connecting
        except BaseException:
            sock.close()
            raise


def close_by_force(producer: KafkaProducer) -> None:
    """Stop the sender without sending what waits; `close` alone would first flush it."""
    producer._sender.force_close()  # noqa: SLF001
    with suppress(KafkaTimeoutError):  # the sender is still waiting for a broker, and then ends
        producer.close(timeout=_CLOSE_SECONDS)


def _connected(kind: Callable[..., Any], settings: Mapping[str, object]) -> Any:
    """Build a client; if that fails, end the thread and the sockets it leaves behind."""
    below: list[KafkaNetClient] = []

    def remember(**configuration: object) -> KafkaNetClient:
        below.append(KafkaNetClient(**configuration))
        return below[-1]

    try:
        return kind(kafka_client=remember, **settings)
    except BaseException:
        for client in below:
            client.close()
        raise
