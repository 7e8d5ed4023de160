"""A real Kafka for the tests that need one (mark them `kafka` and `enable_socket`)."""

from collections.abc import Iterator

import pytest

from tests.support.kafka_broker import LocalBroker, a_broker, what_is_missing


def skip_without_kafka() -> None:
    """Skip the test, saying why, where a broker cannot run."""
    reason = what_is_missing()
    if reason is not None:
        pytest.skip(f"no Kafka: {reason}")


@pytest.fixture(scope="session")
def kafka_bootstrap() -> Iterator[str]:
    """Give the address of a broker that lives as long as the test session."""
    skip_without_kafka()
    with a_broker() as broker:
        yield broker.bootstrap_servers


@pytest.fixture
def own_kafka() -> Iterator[LocalBroker]:
    """Give a test a broker of its own, which it may kill and restart."""
    skip_without_kafka()
    with a_broker() as broker:
        yield broker
