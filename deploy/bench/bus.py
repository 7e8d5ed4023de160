"""What a message costs on the bus: publishing it and polling it, on whichever bus is given."""

import os
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import timedelta
from typing import Final
from uuid import uuid4

from services.platform.bus.ports import BusMessage, EventBus, TopicSpec

_LOT: Final = 500
_VALUE_BYTES: Final = (
    1_400  # a FHIR bundle of four entries; encrypted and encoded it is a third more
)
_MESSAGES_PER_KEY: Final = 5
_HEADERS: Final = (
    ("ce_specversion", "1.0"),
    ("ce_id", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ("ce_source", "urn:tellonce:source:health-visiting"),
    ("ce_type", "tellonce.record.upserted.v1"),
    ("ce_time", "2026-01-05T09:00:00Z"),
    ("content-type", "application/jose"),
)

Figures = dict[str, dict[str, float | str]]


def run(bus: EventBus, messages: int) -> Figures:
    """Publish and poll `messages` messages in lots of 500; return figures per message.

    CPU is that of this process, the bus client's threads included; the server's is not in it.
    Leaves a topic behind that is kept for an hour. Raises BusUnavailable.
    """
    topic = f"bench.bus.{uuid4().hex}"
    bus.ensure_topics([TopicSpec(topic, 8, timedelta(hours=1), compacted=False)])
    lots = _lots(topic, messages)
    bus.publish(lots[0])  # connects, and is read below as well

    def publish() -> None:
        for lot in lots:
            bus.publish(lot)

    count = len(lots) * _LOT
    figures = _measured("publish", count, publish)
    with bus.subscribe(topic, [topic], lambda _logs: {}) as subscription:
        received = len(subscription.poll(1, 30.0))

        def poll() -> None:
            nonlocal received
            while received < count + _LOT:
                received += len(subscription.poll(_LOT, 5.0))

        figures |= _measured("poll", count + _LOT - received, poll)
    return figures | _latency(bus, topic)


def _lots(topic: str, messages: int) -> list[list[BusMessage]]:
    values = [urlsafe_b64encode(os.urandom(_VALUE_BYTES)) for _ in range(100)]
    keys = [str(uuid4()) for _ in range(max(1, messages // _MESSAGES_PER_KEY))]
    numbers = range(max(1, messages // _LOT) * _LOT)
    made = [
        BusMessage(topic, keys[n % len(keys)], _HEADERS, values[n % len(values)]) for n in numbers
    ]
    return [made[start : start + _LOT] for start in range(0, len(made), _LOT)]


def _measured(name: str, count: int, work: Callable[[], None]) -> Figures:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {
        f"{name}_cpu": {"value": cpu / count * 1e6, "unit": "µs/message"},
        f"{name}_wall": {"value": wall / count * 1e6, "unit": "µs/message"},
    }


def _latency(bus: EventBus, topic: str) -> Figures:
    """Measure one message from publishing to having it, a hundred times."""
    seconds: list[float] = []
    with bus.subscribe(f"{topic}.latency", [topic], lambda _logs: {}) as subscription:
        while subscription.poll(_LOT, 1.0):
            pass
        for _ in range(100):
            started = time.perf_counter()
            bus.publish([BusMessage(topic, "latency", _HEADERS, b"x")])
            while not subscription.poll(1, 1.0):
                pass
            seconds.append(time.perf_counter() - started)
    seconds.sort()
    return {
        "latency_median": {"value": seconds[49] * 1e3, "unit": "ms"},
        "latency_p99": {"value": seconds[98] * 1e3, "unit": "ms"},
    }
