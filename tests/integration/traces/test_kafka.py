"""Over Kafka: nothing in the clear on any topic, and after an erasure nothing that opens."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from schemas.topics import PARTITIONS, TOPICS
from services.bootstrap import DatabaseRole
from services.lifecycle.erasure.erasing import ErasePerson, ErasureGround
from services.platform.bus.kafka import KafkaEventBus
from services.work import Outside
from services.workers.aggregation import aggregator, consider_links
from services.workers.erasure import erase
from services.workers.relaying import make_topics, relay_batch
from services.workers.resending import resender
from tests.support.bus_consumer import PositionBook
from tests.support.erasing import ORDER
from tests.support.fakes.in_process import InProcess, acting_for
from tests.support.traces.may_remain import EVERYTHING, KEPT_BY_CONNECTORS, ON_THE_BUS, words_left
from tests.support.traces.planted import EVERY_WORD, Planted
from tests.support.traces.traces import Found, Traces
from tests.support.waiting import GENEROUS

pytestmark = [pytest.mark.postgres, pytest.mark.kafka, pytest.mark.enable_socket]

_QUIET_POLLS = 3
_NOBODY_ASKED_THEM = {"topic records.community"}
"""No service was asked here, so none answered."""


def test_the_bus_has_it_sealed_until_the_key_is_gone(
    planted: Planted, traces: Traces, outside: Outside, kafka_bootstrap: str
):
    """Withdrawn, it is there for its two weeks; erased, nobody can read it any more."""
    bus = KafkaEventBus([kafka_bootstrap])
    planted.settle = lambda: None
    with _over_kafka(planted.running, outside, bus) as until:
        planted.permit()
        planted.plant()
        until(lambda: planted.running.count("record") > 20)
        assert _on(bus, traces).keys() == dict(ON_THE_BUS).keys() - _NOBODY_ASKED_THEM

        planted.running.withdraw(*planted.decisions)
        until(lambda: planted.running.count("record WHERE NOT removed") == 0)
        assert words_left(traces.of(EVERYTHING), KEPT_BY_CONNECTORS) == {}
        assert words_left(_on(bus, traces), ON_THE_BUS) == {}

        order = ErasePerson(planted.person, ErasureGround.UNLAWFUL, "job:test", ORDER)
        erase(order, outside=outside)
        assert _on(bus, traces) == {}


def _on(bus: KafkaEventBus, traces: Traces) -> Found:
    """What can be read of everything on the broker: keys, headers, contents."""
    topics = [topic.name for topic in TOPICS]
    reading = bus.subscribe(f"traces-{uuid4()}", topics, PositionBook())
    quiet, messages = 0, []
    while quiet < _QUIET_POLLS or len(reading.assignment()) < PARTITIONS * len(topics):
        came = reading.poll(500, 0.5)
        messages += came
        quiet = 0 if came else quiet + 1
    reading.close()
    return traces.among(
        EVERY_WORD, [(f"topic {m.topic}", [m.key, str(m.headers), m.value]) for m in messages]
    )


@contextmanager
def _over_kafka(
    running: InProcess, outside: Outside, bus: KafkaEventBus
) -> Iterator[Callable[[Callable[[], bool]], None]]:
    """Consume from Kafka instead; gives a function that works until something is so."""
    make_topics(bus)
    with acting_for(outside, DatabaseRole.AGGREGATION) as aggregation:
        members = [aggregator(bus, aggregation), resender(bus, running.connectors)]

        def work_until(is_so: Callable[[], bool]) -> None:
            deadline = time.monotonic() + GENEROUS
            while not is_so():
                assert time.monotonic() < deadline, "it does not come over Kafka"
                relay_batch(bus, running.relay)
                for member in members:
                    member.consume(most=500, timeout=0.2)
                consider_links(running.connectors)

        try:
            yield work_until
        finally:
            for open_one in (*members, bus):
                open_one.close()
