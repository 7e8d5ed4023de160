"""A real Kafka broker for the tests: the one of deploy/kafka, in a temporary folder."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deploy.kafka.java import what_is_missing
from deploy.kafka.local_broker import LocalBroker, LocalBrokerError, Ports
from deploy.kafka.secured import Secured

__all__ = ["LocalBroker", "LocalBrokerError", "Ports", "Secured", "a_broker", "what_is_missing"]


_ATTEMPTS = 4
# A broker lives for seconds here: to compile its code well takes more than that gives back.
_JAVA = ("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")


@contextmanager
def a_broker(secured: Secured | None = None) -> Iterator[LocalBroker]:
    """Run a broker of one's own, to stop, kill and restart; nothing of it is kept."""
    folder = Path(tempfile.mkdtemp(prefix="tell-once-kafka-"))
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv(*_JAVA)
            with _started(folder, secured) as broker:
                yield broker
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path, secured: Secured | None) -> LocalBroker:
    """Start it; again where somebody else took its port meanwhile, or the machine is too busy."""
    for attempt in range(1, _ATTEMPTS):
        try:
            return LocalBroker.start(folder / str(attempt), secured=secured)
        except LocalBrokerError:
            if what_is_missing() is not None:
                raise
    return LocalBroker.start(folder / str(_ATTEMPTS), secured=secured)
