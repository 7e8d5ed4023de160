"""`bench scale`: what more aggregators of one topic come to.

All messages lie on the bus before any aggregator starts, so nothing but aggregation is at work
beside the bus and PostgreSQL. On Kafka each step has a broker of its own that is new: on one that
is kept the records of the run before would come first, under keys that are gone.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psutil

from deploy.bench.figures import Figure, figure
from deploy.bench.pipeline.steady import SOURCE, Watching, with_messages
from deploy.bench.world import served
from deploy.kafka.local_broker import LocalBroker
from schemas.topics import PARTITIONS
from services.bootstrap import Application, DatabaseRole
from services.platform.settings import Settings
from services.workers.files.reading import ingest
from services.workers.relaying import make_topics, relay_batch

_FIRST = 0.1
_LAST = 0.9
"""Between these shares of all it is counted: aggregators neither begin nor end together."""


def bench_scale(settings: Settings, *, messages: int, most: int, on_kafka: bool) -> dict[str, Any]:
    """Aggregate the same backlog with one aggregator, with two, and so on to `most`.

    Gives the document of DESIGN.md section 15. Raises LocalBrokerError where there is no Kafka.
    """
    figures: dict[str, Figure] = {}
    rates = []
    for count in range(1, most + 1):
        with _bus(settings, on_kafka=on_kafka) as own:
            rates.append(_rate_of(own, messages, count))
        name = f"{count} aggregator{'s' if count > 1 else ''}"
        figures[f"{name}: messages"] = figure(rates[-1], "1/s")
    return {
        "name": "scale",
        "conditions": {
            "messages": messages,
            "bus": "kafka" if on_kafka else "postgres",
            "partitions": PARTITIONS,
            "cores": psutil.cpu_count(),
        },
        "figures": figures,
        "baselines": {},
        "ratios": {
            f"{count} aggregators to one": rate / rates[0]
            for count, rate in enumerate(rates[1:], 2)
        },
    }


def rate_between(seen: Sequence[float], first: float = _FIRST, last: float = _LAST) -> float:
    """How many a second, of those between two shares of all, by when each was seen."""
    begins, ends = int(len(seen) * first), int(len(seen) * last) - 1
    seconds = seen[ends] - seen[begins]
    return (ends - begins) / seconds if seconds > 0 else 0.0


@contextmanager
def _bus(settings: Settings, *, on_kafka: bool) -> Iterator[Settings]:
    """Settings with a bus on which there is nothing."""
    if not on_kafka:
        yield settings.model_copy(update={"bus": "postgres:"})
        return
    with (
        tempfile.TemporaryDirectory(prefix="tell-once-bench-kafka-") as folder,
        LocalBroker.start(Path(folder)) as broker,
    ):
        yield settings.model_copy(update={"bus": f"kafka://{broker.bootstrap_servers}"})


def _rate_of(settings: Settings, messages: int, aggregators: int) -> float:
    with with_messages(settings, messages=messages) as (application, files):
        _put_on_the_bus(application, files)
        with (
            Watching.begun(application) as watching,
            served(application, ["aggregate"] * aggregators),
        ):
            return rate_between(watching.wait_for(messages))


def _put_on_the_bus(application: Application, files: Sequence[Path]) -> None:
    for _ in ingest(SOURCE, files, outside=application.outside(DatabaseRole.CONNECTORS)):
        pass
    outside = application.outside(DatabaseRole.RELAY)
    with closing(application.open_bus(DatabaseRole.RELAY)) as bus:
        make_topics(bus)
        while relay_batch(bus, outside):
            pass
