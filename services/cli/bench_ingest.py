"""`bench ingest`: generated messages from files to visible in the profile, everything on."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from connectors.health_visiting.generated import GeneratedMessage, generate_messages
from consent.handlers import RecordDecision, record_decision
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, Response
from schemas.records.subject import Demographics, Subject
from schemas.vocabulary import Category, IdentifierScheme, Purpose, Source
from services.adapters.serving_lock import ServingLock
from services.adapters.stored_counts import count_waiting
from services.adapters.subjects import identifier_of
from services.adapters.supervisor import Child, Supervisor
from services.adapters.unit_of_work import unit_of_work
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.bench_cpu import cpu_of_finished, cpu_so_far
from services.cli.bench_steps import step_costs
from services.cli.progress import progress_bar
from services.settings import Settings
from services.workers.draining import drain

_SEED = 20261122
_CHILDREN_AT_ONCE = 500
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
    folder = Path(tempfile.mkdtemp(prefix="tell-once-bench-"))
    try:
        own = settings.model_copy(update={"data": folder / "data", "database": None})
        with opened(own) as application:
            prepared = _prepare(application, folder, messages, readers)
            with _served(application, aggregators) as supervisor:
                measured = _run(application, prepared, supervisor)
        return _document(own, prepared, measured, readers=readers, aggregators=aggregators)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(application: Application, folder: Path, count: int, readers: int) -> _Prepared:
    messages = list(generate_messages(count, seed=_SEED))
    folders = [folder / f"files-{number}" for number in range(readers)]
    for each in folders:
        each.mkdir(parents=True)
    for index, message in enumerate(messages):
        # a child's messages stay with one reader, as one agency's mailbox would keep them
        (folders[index // 4 % readers] / message.name).write_bytes(message.xml)
    children = {m.nhs_number: m.date_of_birth for m in messages}
    with progress_bar("Recording decisions", total=len(children)) as tell:
        done = 0
        waiting = list(children.items())
        while batch := waiting[done : done + _CHILDREN_AT_ONCE]:
            with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
                for number, born in batch:
                    record_decision(_permit(number, born), deciding=work.deciding())
            done += len(batch)
            tell(done)
    drain(application)
    return _Prepared(messages, folders)


def _permit(number: str, born: str) -> RecordDecision:
    identifier = identifier_of(IdentifierScheme.NHS_NUMBER, number)
    return RecordDecision(
        subjects=(Subject("child", (identifier,), Demographics(date_of_birth=born)),),
        response=Response.GIVEN,
        categories=frozenset(Category),
        purposes=frozenset({Purpose.DIRECT_CARE, Purpose.EARLY_HELP}),
        basis=Basis.CONSENT,
        decided_by=Decider(DeciderKind.PARENT, "mother"),
        actor="job:bench",
    )


@contextmanager
def _served(application: Application, aggregators: int) -> Iterator[Supervisor]:
    lock = ServingLock(application.settings.data)
    lock.take()
    names = ["relay", *["aggregate"] * aggregators]
    supervisor = Supervisor(
        [
            Child(
                f"{name}-{number}",
                (sys.executable, "-m", "services", name),
                {
                    "TELL_ONCE_DATA": str(application.settings.data),
                    "TELL_ONCE_BUS": application.settings.bus,
                },
            )
            for number, name in enumerate(names)
        ]
    )
    supervisor.start()
    time.sleep(5.0)  # let them import and join their group: starting up is not ingesting
    try:
        yield supervisor
    finally:
        supervisor.stop()
        lock.release()


def _run(application: Application, prepared: _Prepared, supervisor: Supervisor) -> _Measured:
    wanted = len(prepared.messages)
    outside = application.outside(DatabaseRole.OWNER)
    before = cpu_so_far(application, supervisor)
    began = time.monotonic()
    readers = [_reader(application, folder) for folder in prepared.folders]
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


def _reader(application: Application, folder: Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # noqa: S603 our own program
        [
            sys.executable,
            "-m",
            "services",
            "ingest",
            Source.HEALTH_VISITING.value,
            str(folder),
            "--json",
            "--data",
            str(application.settings.data),
            "--bus",
            application.settings.bus,
        ],
        stdout=subprocess.DEVNULL,
    )


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
