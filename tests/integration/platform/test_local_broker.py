"""The local Kafka: answers, keeps its data over a kill, makes no topic unasked."""

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import KafkaAdminClient, NewTopic

from tests.support.kafka_broker import LocalBroker
from tests.support.waiting import GENEROUS

pytestmark = [pytest.mark.kafka, pytest.mark.enable_socket]


def test_a_broker_keeps_its_address_and_its_data_over_a_crash(own_kafka: LocalBroker) -> None:
    """What was acknowledged before SIGKILL is read after the restart; no other topic exists."""
    before = own_kafka.bootstrap_servers
    with KafkaAdminClient(bootstrap_servers=before) as admin:
        admin.create_topics([NewTopic("facts", num_partitions=1, replication_factor=1)])
    with KafkaProducer(bootstrap_servers=before, acks="all") as producer:
        producer.send("facts", b"42").get(timeout=GENEROUS)

    own_kafka.kill()
    own_kafka.restart()

    assert own_kafka.bootstrap_servers == before
    consumer = KafkaConsumer(
        "facts",
        bootstrap_servers=before,
        auto_offset_reset="earliest",
        consumer_timeout_ms=int(GENEROUS * 1000),
    )
    assert next(consumer).value == b"42"
    assert "unasked" not in consumer.topics()
    consumer.close()
