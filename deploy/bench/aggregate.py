"""`bench aggregate`: one aggregator alone, on a bus that was filled before it began."""

import gc
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import psutil

from deploy.bench.copied_families import count_records
from deploy.bench.figures import Figure, cpu_of_database, cpu_of_finished, figure, ratio
from deploy.bench.ingest import step_costs
from deploy.bench.invented.health_visiting import GeneratedMessage, generate_messages
from deploy.bench.world import bench_folder, child_with, permit_sharing, served, start_reader
from schemas.vocabulary import IdentifierScheme, Source
from services.bootstrap import Application, DatabaseRole
from services.cli.output import progress_bar
from services.platform.database.activity import count_handled, count_waiting
from services.platform.settings import Settings
from services.work import unit_of_work
from services.workers.aggregation import aggregator
from services.workers.consuming import Consumer

_SEED = 20261122
_SAMPLE = 400
_BATCH = 400
_POLL_SECONDS = 0.2
_LONGEST_SECONDS = 1800


def bench_aggregate(settings: Settings, *, messages: int) -> dict[str, Any]:
    """Fill the bus with so many health-visiting messages, then aggregate them in this process.

    Runs in a data folder of its own, which is removed afterwards. Gives the document of
    DESIGN.md section 15: messages and stored records a second, CPU for each.
    """
    with bench_folder(settings) as (application, folder):
        made = _fill_the_bus(application, folder / "files", messages)
        steps = step_costs(made)
        gc.freeze()  # what was made to fill the bus is no part of the work
        with (
            closing(application.open_bus(DatabaseRole.AGGREGATION)) as bus,
            closing(aggregator(bus, application.outside(DatabaseRole.AGGREGATION))) as consumer,
        ):
            figures = _measured(application, consumer, messages)
    alone = figure(1e6 / (steps["decrypt JWE"] + steps["from JSON and bundle"]), "1/s")
    return {
        "name": "aggregate",
        "conditions": {
            "messages": messages,
            "bus": settings.bus.split(":")[0],
            "cores": psutil.cpu_count(),
        },
        "figures": figures,
        "baselines": {"only opening and reading messages, one core": alone},
        "ratios": {
            "messages a second, against the baseline": ratio(figures["messages a second"], alone)
        },
    }


def _fill_the_bus(application: Application, files: Path, count: int) -> Sequence[GeneratedMessage]:
    """As a connector and the relay do, with nobody aggregating; gives a sample of them."""
    files.mkdir()
    children: dict[str, str] = {}
    sample: list[GeneratedMessage] = []
    for message in generate_messages(count, seed=_SEED):
        sample += [message] if len(sample) < _SAMPLE else []
        (files / message.name).write_bytes(message.xml)
        children[message.nhs_number] = message.date_of_birth
    scheme = IdentifierScheme.NHS_NUMBER
    permit_sharing(application, [child_with(scheme, n, born) for n, born in children.items()])
    outside = application.outside(DatabaseRole.OWNER)

    def published() -> int:
        with unit_of_work(outside) as work:
            _, queued = count_waiting(work.connection)
            return count_handled(work.connection) - queued

    with served(application, ["relay"]), progress_bar("Published", total=count) as tell:
        reader = start_reader(application, Source.HEALTH_VISITING, files)
        _until(count, published, tell)
        cpu_of_finished(reader)
    return sample


def _until(wanted: int, so_far: Callable[[], int], tell: Callable[[int], None]) -> None:
    began = time.monotonic()
    while (found := so_far()) < wanted:
        tell(found)
        if time.monotonic() - began > _LONGEST_SECONDS:
            raise TimeoutError("the messages did not get onto the bus")
        time.sleep(_POLL_SECONDS)


def _measured(application: Application, consumer: Consumer, messages: int) -> dict[str, Figure]:
    while not (done := consumer.consume(most=_BATCH, timeout=_POLL_SECONDS)):
        pass  # joining the group
    first = done
    own, database = time.process_time(), cpu_of_database(application)
    began = time.perf_counter()
    with progress_bar("Aggregated", total=messages) as tell:
        while done < messages:
            done += consumer.consume(most=_BATCH, timeout=_POLL_SECONDS)
            tell(done)
    seconds = time.perf_counter() - began
    own, database = time.process_time() - own, cpu_of_database(application) - database
    count = done - first
    stored = count_records(application.outside(DatabaseRole.OWNER)) / done
    return {
        "messages a second": figure(count / seconds, "1/s"),
        "stored records a second": figure(count / seconds * stored, "1/s"),
        "CPU of aggregation": figure(own / count * 1e6, "µs a message"),
        "CPU of postgresql": figure(database / count * 1e6, "µs a message"),
    }
