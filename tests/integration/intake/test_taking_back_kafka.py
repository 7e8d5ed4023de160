"""A scope is taken back over Kafka as it is over PostgreSQL."""

import time

import pytest

from services.bootstrap import DatabaseRole
from services.platform.bus.kafka import KafkaEventBus
from services.work import Outside
from services.workers.aggregation import aggregator
from services.workers.relaying import make_topics, relay_batch
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.messages.source_messages import a_clearing, a_message, a_record, the_child
from tests.support.waiting import GENEROUS

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.enable_socket]

LATER = "2026-02-01T00:00:00Z"
SAID = a_message("m1", a_record("r1", scopes=("all",)), a_record("r2"))
CLEARED = a_message("m2", a_clearing("all"), a_record("r3", scopes=("all",)), at=LATER)


@pytest.mark.parametrize("late", [False, True], ids=["in order", "late"])
def test_a_scope_goes_and_what_the_same_message_carries_stays(
    outside: Outside, kafka_bootstrap: str, *, late: bool
):
    """Whatever comes first; what lies outside the scope is left alone."""
    with (
        InProcess.running(outside) as running,
        acting_for(outside, DatabaseRole.AGGREGATION) as aggregation,
    ):
        bus = KafkaEventBus([kafka_bootstrap])
        make_topics(bus)
        aggregating = aggregator(bus, aggregation)
        (person,) = running.decide(the_child()).decision.subjects

        for message in (CLEARED, SAID) if late else (SAID, CLEARED):
            running.receive(message)
        deadline = time.monotonic() + GENEROUS
        while running.count("inbox") < 2 and time.monotonic() < deadline:
            relay_batch(bus, running.relay)
            aggregating.consume(most=100, timeout=0.5)
        left = [record.version[:7] for record in running.stored(person)]
        aggregating.close()
        bus.close()

    assert sorted(left) == ["2026-01", "2026-02"]
