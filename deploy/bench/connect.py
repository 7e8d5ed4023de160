"""`bench connect`: each connector alone, from its files to durable on the bus."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any

import psutil

from connectors.registry import read_messages
from deploy.bench.figures import cpu_of_finished, cpu_so_far
from deploy.bench.invented.health_visiting import generate_messages
from deploy.bench.invented.schools import generate_pupils, generated_ctf
from deploy.bench.invented.social_care import generate_children, generated_csc
from deploy.bench.world import bench_folder, child_with, permit_sharing, served, start_reader
from schemas.records.message import SourceMessage, Subject
from schemas.vocabulary import IdentifierScheme, Source
from services.bootstrap import Application, DatabaseRole
from services.cli.output import progress_bar
from services.platform.clock import SystemClock
from services.platform.database.activity import count_handled, count_waiting
from services.platform.processes.supervisor import Supervisor
from services.platform.settings import Settings
from services.work import unit_of_work

_SEED = 20261122
_SAMPLE = 400
_POLL_SECONDS = 0.1
_LONGEST_SECONDS = 1800


@dataclass(frozen=True, slots=True)
class _Work:
    """Files of one source, and whom they are about."""

    source: Source
    path: Path
    messages: int
    children: Sequence[Subject]


@dataclass(frozen=True, slots=True)
class _Sample:
    """What reading alone costs, and how many records a message carries."""

    seconds: float
    records: float


def bench_connect(
    settings: Settings, *, sources: Sequence[Source], messages: int
) -> dict[str, Any]:
    """Read `messages` of each source, one after another, by one process, until all are published.

    Decisions, encryption, the outbox and the relay included; nothing aggregates meanwhile. Gives
    the document of DESIGN.md section 15; records are what the shared profile is made of, of which
    a message has several.
    """
    figures: dict[str, Any] = {}
    baselines: dict[str, Any] = {}
    ratios: dict[str, float] = {}
    for source in sources:
        with bench_folder(settings) as (application, folder):
            work = _FILES[source](folder, messages)
            permit_sharing(application, work.children)
            sample = _sample(work)
            with served(application, ["relay"]) as supervisor:
                rate, cpu = _run(application, work, supervisor)
        alone = 1 / sample.seconds
        figures |= _figures(source, rate, sample, cpu)
        baselines[f"{source}: only reading and mapping, one core"] = _figure(alone, "messages/s")
        ratios[f"{source}: against only reading and mapping"] = rate / alone
    return {
        "name": "connect",
        "conditions": {
            "messages": messages,
            "bus": settings.bus.split(":")[0],
            "readers": 1,
            "cores": psutil.cpu_count(),
        },
        "figures": figures,
        "baselines": baselines,
        "ratios": ratios,
    }


def _health_visiting(folder: Path, count: int) -> _Work:
    path = folder / "files"
    path.mkdir()
    born: dict[str, str] = {}
    for message in generate_messages(count, seed=_SEED):
        (path / message.name).write_bytes(message.xml)
        born[message.nhs_number] = message.date_of_birth
    return _work(Source.HEALTH_VISITING, path, count, IdentifierScheme.NHS_NUMBER, born)


def _schools(folder: Path, count: int) -> _Work:
    path = folder / "school.xml"
    with path.open("wb") as file:
        file.writelines(generated_ctf(count, seed=_SEED))
    born = {p.upn: p.date_of_birth for p in generate_pupils(count, seed=_SEED)}
    return _work(Source.SCHOOLS, path, count, IdentifierScheme.UPN, born)


def _work(
    source: Source, path: Path, count: int, scheme: IdentifierScheme, born: Mapping[str, str]
) -> _Work:
    children = [child_with(scheme, number, date) for number, date in born.items()]
    return _Work(source, path, count, children)


def _social_care(folder: Path, count: int) -> _Work:
    path = folder / "bodies"
    path.mkdir()
    for number, body in enumerate(generated_csc(count, seed=_SEED)):
        (path / f"{number:04d}.json").write_bytes(body)
    born = {c.upn: c.date_of_birth for c in generate_children(count, seed=_SEED)}
    return _work(Source.SOCIAL_CARE, path, count, IdentifierScheme.UPN, born)


_FILES: Mapping[Source, Callable[[Path, int], _Work]] = {
    Source.HEALTH_VISITING: _health_visiting,
    Source.SCHOOLS: _schools,
    Source.SOCIAL_CARE: _social_care,
}
SOURCES = tuple(_FILES)


def _sample(work: _Work) -> _Sample:
    """Read some of the messages and do nothing with them."""
    found = 0
    began = time.process_time()
    records = 0
    for outcome in islice(_outcomes(work), _SAMPLE):
        if not isinstance(outcome, SourceMessage):
            raise TypeError(f"a generated message is not readable: {outcome}")
        found += 1
        records += len(outcome.records)
    return _Sample((time.process_time() - began) / found, records / found)


def _outcomes(work: _Work) -> Iterator[object]:
    now = SystemClock().now()
    files = sorted(work.path.iterdir()) if work.path.is_dir() else [work.path]
    for path in files:
        with path.open("rb") as file:
            stream = BytesIO(file.read()) if work.path.is_dir() else file
            for received in read_messages(work.source, stream, received_at=now):
                yield received.outcome


def _run(
    application: Application, work: _Work, supervisor: Supervisor
) -> tuple[float, dict[str, float]]:
    """Messages a second once the first were durable, and CPU by process for a message."""
    before = cpu_so_far(application, supervisor)
    reader = start_reader(application, work.source, work.path)
    began = time.monotonic()
    first_seen, first_count = 0.0, 0
    with progress_bar(f"Messages of {work.source.label} published", total=work.messages) as tell:
        while True:
            handled, queued = _progress(application)
            tell(handled)
            if handled and not first_count:
                first_seen, first_count = time.monotonic(), handled
            if handled >= work.messages and queued == 0:
                break
            if time.monotonic() - began > _LONGEST_SECONDS:
                raise TimeoutError("the messages were not all published")
            time.sleep(_POLL_SECONDS)
    seconds = time.monotonic() - first_seen
    cpu = {"reading and deciding": cpu_of_finished(reader)}
    after = cpu_so_far(application, supervisor)
    cpu |= {name: after[name] - before[name] for name in after}
    rate = (work.messages - first_count) / seconds
    return rate, {name: used / work.messages for name, used in cpu.items()}


def _progress(application: Application) -> tuple[int, int]:
    with unit_of_work(application.outside(DatabaseRole.OWNER)) as work:
        _, queued = count_waiting(work.connection)
        return count_handled(work.connection), queued


def _figures(
    source: Source, rate: float, sample: _Sample, cpu: Mapping[str, float]
) -> dict[str, Any]:
    return {
        f"{source}: records durable on the bus": _figure(rate * sample.records, "records/s"),
        f"{source}: messages": _figure(rate, "messages/s"),
        f"{source}: records a message": _figure(sample.records, "records"),
        **{
            f"{source}: CPU of {name}": _figure(used * 1e6, "µs a message")
            for name, used in cpu.items()
        },
    }


def _figure(value: float, unit: str) -> dict[str, object]:
    return {"value": round(value, 1), "unit": unit}
