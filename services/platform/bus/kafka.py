"""The event bus on Apache Kafka, by kafka-python 3 (3.9 brokers and later, KRaft)."""

import threading
from collections.abc import Collection, Sequence
from datetime import timedelta

from kafka import KafkaProducer
from kafka.errors import KafkaError, NoError, TopicAlreadyExistsError, for_code

from services.platform.bus.kafka_clients import UNKNOWN, KafkaClients, close_by_force, translated
from services.platform.bus.kafka_subscription import KafkaSubscription
from services.platform.bus.ports import (
    BusMessage,
    StoredPositions,
    Subscription,
    TopicSpec,
    refuse_oversized,
)
from services.platform.bus.security import BusSecurity
from services.platform.errors import UnknownTopic

_PATIENCE = timedelta(seconds=30)
_SESSION = timedelta(seconds=10)
_PLAIN_HERE = BusSecurity()
_GRACE_SECONDS = 2.0  # for the producer to give up by itself


class KafkaEventBus:
    """An EventBus on the brokers at `servers` ("host:port" each).

    Connects when first used, and again after a failure. `patience` is how long one call goes on
    trying, so a broker that restarts within it is not noticed by publishers; `session` is how
    long a group waits for a member that was killed.
    """

    def __init__(
        self,
        servers: Sequence[str],
        *,
        patience: timedelta = _PATIENCE,
        session: timedelta = _SESSION,
        security: BusSecurity = _PLAIN_HERE,
    ) -> None:
        self._servers = tuple(servers)
        self._patience = patience
        self._clients = KafkaClients(servers, patience, session, security)
        self._producer: KafkaProducer | None = None
        self._known: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def ensure_topics(self, specs: Collection[TopicSpec]) -> None:
        """Make the topics that do not exist, with the brokers' default replication.

        A user who may make none, as on a bus with rights, finds them there and makes nothing.
        """
        if not specs:
            return
        with translated(self._servers, "make topics"), self._clients.admin() as admin:
            there = frozenset(admin.list_topics())
            wanted = {
                spec.name: {"num_partitions": spec.partitions, "configs": topic_settings(spec)}
                for spec in specs
                if spec.name not in there
            }
            if not wanted:
                return
            answer = admin.create_topics(wanted, raise_errors=False)
            for topic in answer["topics"]:
                error = for_code(topic["error_code"])
                if error not in (NoError, TopicAlreadyExistsError):
                    raise error(f"{topic['name']}: {topic['error_message']}")
            admin.wait_for_topics(list(wanted), timeout_ms=self._patience.total_seconds() * 1000)

    def publish(self, messages: Sequence[BusMessage]) -> None:
        """Send all, flush once, and look at every acknowledgement."""
        refuse_oversized(messages)
        if not messages:
            return
        with translated(self._servers, "publish"):
            self._look_up({message.topic for message in messages})
            producer = self._connected_producer()
            try:
                _send_all(producer, messages, self._patience.total_seconds() + _GRACE_SECONDS)
            except (KafkaError, ValueError):
                self._discard(producer)
                raise

    def subscribe(
        self, group: str, topics: Collection[str], positions: StoredPositions
    ) -> Subscription:
        """Join the group; partitions arrive in the first polls."""
        with translated(self._servers, f"subscribe {group}"):
            consumer = self._clients.consumer(group)
            try:
                subscription = KafkaSubscription(consumer, topics, positions, self._servers)
                # Subscribed first, so that the group is joined with the metadata this fetches.
                _refuse_unknown(set(topics) - consumer.topics())
            except BaseException:
                consumer.close(autocommit=False, timeout_ms=0)
                raise
            return subscription

    def log_id(self) -> str:
        """Name the cluster by its own id."""
        with translated(self._servers, "ask for the cluster's id"), self._clients.admin() as admin:
            return f"kafka:{admin.describe_cluster()['cluster_id']}"

    def close(self) -> None:
        """Close the producer; everything published was durable already."""
        with self._lock:
            producer, self._producer = self._producer, None
        if producer is not None:
            close_by_force(producer)

    def _look_up(self, topics: Collection[str]) -> None:
        """Refuse unknown topics at once: a producer would wait for them all its patience."""
        if not self._known.issuperset(topics):
            with self._clients.admin() as admin:
                self._known = frozenset(admin.list_topics())
            _refuse_unknown(set(topics) - self._known)

    def _connected_producer(self) -> KafkaProducer:
        with self._lock:
            if self._producer is None:
                self._producer = self._clients.producer()
            return self._producer

    def _discard(self, producer: KafkaProducer) -> None:
        """Drop a producer that failed, so that nothing it still holds overtakes the retry."""
        with self._lock:
            if self._producer is producer:
                self._producer = None
        close_by_force(producer)


def topic_settings(spec: TopicSpec) -> dict[str, str]:
    """Say a TopicSpec in Kafka's own topic settings."""
    settings = {"cleanup.policy": "delete", "retention.ms": "-1"}
    if spec.compacted:
        settings["cleanup.policy"] = "compact"
    if spec.retention is not None:
        settings["retention.ms"] = str(int(spec.retention.total_seconds() * 1000))
        if spec.compacted:
            settings["cleanup.policy"] = "compact,delete"
    return settings


def _send_all(producer: KafkaProducer, messages: Sequence[BusMessage], seconds: float) -> None:
    futures = [
        producer.send(
            message.topic,
            value=message.value or None,
            key=message.key.encode(),
            headers=[(name, value.encode()) for name, value in message.headers],
        )
        for message in messages
    ]
    producer.flush(seconds)
    for future in futures:
        if not future.succeeded():
            raise future.exception or KafkaError("not acknowledged")


def _refuse_unknown(topics: Collection[str]) -> None:
    if topics:
        raise UnknownTopic(f"{', '.join(sorted(topics))}: {UNKNOWN}")
