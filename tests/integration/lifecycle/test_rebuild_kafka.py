"""The shared profile is built anew from Kafka as it is from the bus in PostgreSQL."""

import time

import pytest

from services.bootstrap import DatabaseRole
from services.lifecycle.rebuild.postgres_swap import What
from services.platform.bus.kafka import KafkaEventBus
from services.work import Outside
from services.workers.aggregation import aggregator
from services.workers.rebuild import Origin
from services.workers.relaying import make_topics, relay_batch
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.messages.source_messages import a_message, a_record, the_child
from tests.support.rebuilding import damage, rebuilt, rows_of, wait_a_minute
from tests.support.waiting import GENEROUS

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.enable_socket]


def test_what_was_lost_comes_back_and_what_aggregation_has_not_read_waits_for_it(
    outside: Outside, clock: StandingClock, kafka_bootstrap: str
):
    """Up to where aggregation has come, and not beyond."""
    with (
        InProcess.running(outside) as running,
        acting_for(outside, DatabaseRole.AGGREGATION) as aggregation,
    ):
        bus = KafkaEventBus([kafka_bootstrap])
        make_topics(bus)
        aggregating = aggregator(bus, aggregation)
        running.decide(the_child())
        wait_a_minute(clock)
        running.receive(a_message("m1", a_record("r1"), a_record("r2")))
        deadline = time.monotonic() + GENEROUS
        while running.count("record") < 2 and time.monotonic() < deadline:
            relay_batch(bus, running.relay)
            aggregating.consume(most=100, timeout=0.5)
        before = rows_of(running, sealed=False)
        running.receive(a_message("m2", a_record("r3")))
        relay_batch(bus, running.relay)
        damage(running, "DELETE FROM record")

        found = rebuilt(running, Origin.BUS, bus=bus)

        after = rows_of(running, sealed=False)
        aggregating.close()
        bus.close()
    assert found.compared.differing == {What.ADDED: 2}
    assert after == before
