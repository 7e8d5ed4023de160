"""Aggregation on several processes: three on six partitions, one killed, one added, nothing lost.

A walk of `deploy/tell-once test --faults` alone: it takes a minute of both cores.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection

import pytest

from services.platform.bus.address import kafka_servers
from services.platform.bus.kafka import KafkaEventBus
from services.workers.relaying import topic_specs
from tests.support.checkout import ROOT
from tests.support.fixtures.fixtures_demonstration import free_ports
from tests.support.installation import Installation
from tests.support.kafka_broker import LocalBroker
from tests.support.killing.ended_well import (
    an_installation,
    require_clean_stop,
    verified_entries,
)
from tests.support.killing.kill_preparation import Prepared
from tests.support.killing.kill_rounds import kill_folder, prepared, undisturbed
from tests.support.killing.kill_state import Everything, count_of_entries, everything_in
from tests.support.killing.killing import wait_until_drained
from tests.support.waiting import GENEROUS, eventually

__all__ = ["kill_folder", "prepared", "undisturbed"]

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.kafka,
    pytest.mark.enable_socket,
    pytest.mark.skipif(
        not os.environ.get("TELL_ONCE_SCALE_OUT"),
        reason="a walk of deploy/tell-once test --faults (TELL_ONCE_SCALE_OUT)",
    ),
]
_PARTITIONS = 6
_HANDLED = re.compile(r'tell_once_handled_messages_total\{group="aggregation"\} ([0-9.]+)')
_LAG = re.compile(r'tell_once_lag_messages\{group="aggregation"\} ([0-9.]+)')


@dataclass(slots=True)
class Aggregator:
    """One of them, started by itself, and what it tells of itself."""

    process: "subprocess.Popen[bytes]"
    port: int

    def tells(self, pattern: re.Pattern[str]) -> float | None:
        """A number of its metrics; None where it has none yet."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=GENEROUS)
        try:
            connection.request("GET", "/metrics")
            found = pattern.search(connection.getresponse().read().decode())
        except OSError:
            return None
        finally:
            connection.close()
        return None if found is None else float(found[1])

    def is_there(self) -> bool:
        """Whether it has joined and dealt with something."""
        return bool(self.tells(_HANDLED)) and self.tells(_LAG) is not None


def test_three_aggregators_lose_one_and_gain_one_and_nothing_else(
    prepared: Prepared,
    undisturbed: Everything,
    own_kafka: LocalBroker,
) -> None:
    """What comes out is what an `ingest` that nothing disturbed makes, and the ledger is whole."""
    bus = f"kafka://{own_kafka.bootstrap_servers}"
    _make_topics(bus)
    with an_installation(prepared, own_kafka) as installation:
        installation.aggregators = 0
        installation.keep_serving()
        files = len(list(installation.files.iterdir()))
        with _aggregators(installation, 3) as (killed, *others):
            installation.given = files // 3
            installation.finish_ingesting()
            assert eventually(lambda: all(one.is_there() for one in (killed, *others)))
            installation.given = 2 * files // 3
            installation.keep_ingesting()
            killed.process.kill()
            killed.process.wait()
            with _aggregators(installation, 1) as (added,):
                installation.finish_ingesting()
                installation.given = None
                installation.finish_ingesting()
                wait_until_drained(installation)
                assert eventually(added.is_there)
                handled = [one.tells(_HANDLED) for one in (*others, added)]
        sys.stdout.write(f"\n{files} files; the two that stayed and the new one: {handled}\n")
        require_clean_stop(installation)

        assert verified_entries(installation) == count_of_entries(installation.data)
        assert not undisturbed.differences(everything_in(installation.data))
        assert all(handled)


def _make_topics(bus: str) -> None:
    made = KafkaEventBus(kafka_servers(bus))
    made.ensure_topics(topic_specs(_PARTITIONS))
    made.close()


@contextmanager
def _aggregators(installation: Installation, number: int) -> Iterator[list[Aggregator]]:
    """Start so many beside `serve`, which has none; end what is left of them."""
    words = ("aggregate", "--data", str(installation.data), "--bus", installation.bus)
    started = []
    try:
        for _ in range(number):
            port = free_ports(1)
            told = {
                "TELL_ONCE_METRICS_PORT": str(port),
                "TELL_ONCE_ENVIRONMENT": "demonstration",
            }
            log = (installation.data / "logs" / "aggregator.log").open("ab")
            with log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "services", *words],
                    cwd=ROOT,
                    env=os.environ | told,
                    stdout=log,
                    stderr=log,
                )
            started.append(Aggregator(process, port))
        yield started
    finally:
        for one in started:
            one.process.terminate()
        for one in started:
            one.process.wait(GENEROUS)
