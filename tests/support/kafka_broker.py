"""A real Kafka broker for the tests: the one of deploy/kafka, in a temporary folder."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.kafka.java import what_is_missing
from deploy.kafka.local_broker import LocalBroker, LocalBrokerError, Ports

__all__ = ["LocalBroker", "LocalBrokerError", "Ports", "a_broker", "what_is_missing"]


@contextmanager
def a_broker() -> Iterator[LocalBroker]:
    """Run a broker of one's own, to stop, kill and restart; nothing of it is kept."""
    folder = Path(tempfile.mkdtemp(prefix="tell-once-kafka-"))
    try:
        with LocalBroker.start(folder) as broker:
            yield broker
    finally:
        shutil.rmtree(folder, ignore_errors=True)
