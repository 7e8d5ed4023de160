"""`bench ingest`: generated messages from files to visible in the profile, everything on."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from connectors.health_visiting.generated import GeneratedMessage, generate_messages
from schemas.vocabulary import IdentifierScheme, Source
from services.adapters.stored_counts import count_waiting
from services.adapters.supervisor import Supervisor
from services.adapters.unit_of_work import unit_of_work
from services.bootstrap import Application, DatabaseRole
from services.cli.bench_cpu import cpu_of_finished, cpu_so_far
from services.cli.bench_steps import step_costs
from services.cli.bench_world import (
    bench_folder,
    child_with,
    permit_sharing,
    served,
    start_reader,
)
from services.cli.progress import progress_bar
from services.settings import Settings

_SEED = 20261122
_POLL_SECONDS = 0.25
_LONGEST_SECONDS = 1800

Figure = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Prepared:
    messages: Sequence[GeneratedMessage]
    folders: Sequence[Path]


@dataclass(frozen=True, slots=True)
class _Measured:
    """Seconds from the start; records a second once the first were visible; CPU by process."""

    seconds: float
    sustained: float
    cpu: dict[str, float]


def bench_ingest(
    settings: Settings, *, messages: int, readers: int, aggregators: int
) -> dict[str, Any]:
    """Read `messages` files by `readers` processes until every record is in the shared profile.

    Runs in a data folder of its own, which is removed afterwards. Gives the document of
    DESIGN.md section 15: records a second, CPU of each process and each step for a record.
    """
    with bench_folder(settings) as (application, folder):
        prepared = _prepare(application, folder, messages, readers)
        with served(application, ["relay", *["aggregate"] * aggregators]) as supervisor:
            measured = _run(application, prepared, supervisor)
    return _document(settings, prepared, measured, readers=readers, aggregators=aggregators)


def _prepare(application: Application, folder: Path, count: int, readers: int) -> _Prepared:
    messages = list(generate_messages(count, seed=_SEED))
    folders = [folder / f"files-{number}" for number in range(readers)]
    for each in folders:
        each.mkdir(parents=True)
    for index, message in enumerate(messages):
        # a child's messages stay with one reader, as one agency's mailbox would keep them
        (folders[index // 4 % readers] / message.name).write_bytes(message.xml)
    children = {m.nhs_number: m.date_of_birth for m in messages}
    scheme = IdentifierScheme.NHS_NUMBER
    permit_sharing(application, [child_with(scheme, n, born) for n, born in children.items()])
    return _Prepared(messages, folders)


def _run(application: Application, prepared: _Prepared, supervisor: Supervisor) -> _Measured:
    wanted = len(prepared.messages)
    outside = application.outside(DatabaseRole.OWNER)
    before = cpu_so_far(application, supervisor)
    began = time.monotonic()
    source = Source.HEALTH_VISITING
    readers = [start_reader(application, source, folder) for folder in prepared.folders]
    first_seen, first_count = 0.0, 0
    with progress_bar("Records visible", total=wanted) as tell:
        while True:
            with unit_of_work(outside) as work:
                handled, queued = count_waiting(work.connection)
            tell(handled)
            if handled and not first_count:
                first_seen, first_count = time.monotonic(), handled
            if handled >= wanted and queued == 0:
                break
            if time.monotonic() - began > _LONGEST_SECONDS:
                raise TimeoutError("the records did not become visible")
            time.sleep(_POLL_SECONDS)
    ended = time.monotonic()
    sustained = (wanted - first_count) / (ended - first_seen)
    own = {"reading and deciding": sum(map(cpu_of_finished, readers))}
    after = cpu_so_far(application, supervisor)
    cpu = own | {name: after[name] - before[name] for name in after}
    return _Measured(ended - began, sustained, cpu)


def _document(
    settings: Settings,
    prepared: _Prepared,
    measured: _Measured,
    *,
    readers: int,
    aggregators: int,
) -> dict[str, Any]:
    count = len(prepared.messages)
    steps = step_costs(prepared.messages[:400])
    alone = 1e6 / (steps["parse and map"] + steps["validate FHIR"])
    return {
        "name": "ingest",
        "conditions": {
            "messages": count,
            "bytes_a_message": sum(len(m.xml) for m in prepared.messages) // count,
            "bus": settings.bus.split(":")[0],
            "readers": readers,
            "aggregators": aggregators,
            "cores": psutil.cpu_count(),
        },
        "figures": {
            "records a second, sustained": _figure(measured.sustained, "1/s"),
            "records a second, starting up included": _figure(count / measured.seconds, "1/s"),
            "seconds": _figure(measured.seconds, "s"),
            **{
                f"CPU of {name}": _figure(used / count * 1e6, "µs a record")
                for name, used in measured.cpu.items()
            },
            **{f"step: {name}": _figure(cost, "µs a record") for name, cost in steps.items()},
        },
        "baselines": {
            "only parsing, mapping and validating, one core": _figure(alone, "1/s"),
        },
        "ratios": {"records a second, sustained, against the baseline": measured.sustained / alone},
    }


def _figure(value: float, unit: str) -> Figure:
    return {"value": round(value, 1), "unit": unit}
