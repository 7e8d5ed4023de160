"""`bench where`: where the CPU of a message goes, part by part, and layer by layer.

A sampler that the kernel rings by CPU time (ITIMER_PROF) looks who is at work: it costs the same
whoever that is, where a profiler of calls makes small functions look large.
"""

import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import psutil

from deploy.bench.figures import Figure, figure
from deploy.bench.invented.health_visiting import generate_messages
from deploy.bench.over_http.cpu import clock_check, cpu_of_trees, postmaster
from deploy.bench.world import bench_folder, child_with, permit_sharing
from schemas.vocabulary import IdentifierScheme, Source
from services.bootstrap import Application, DatabaseRole
from services.platform.loops import leave_what_is_loaded
from services.platform.settings import Settings
from services.workers.aggregation import aggregator, consider_links
from services.workers.files.reading import files_below, ingest
from services.workers.relaying import make_topics, relay_batch

_SEED = 20261122
_SAMPLE_SECONDS = 0.002
_BATCH = 400
_ROOT = str(Path(__file__).parents[3]) + "/"
_LAYERS = {
    "connectors/health_visiting/nems/": "nodes",
    "connectors/parsing/": "nodes",
    "connectors/health_visiting/": "mapping",
    "connectors/publishing/": "publishing",
    "schemas/fhir_mapping/": "FHIR",
    "schemas/": "records",
    "consent/ledger/": "ledger entries",
    "services/ledger/": "ledger entries",
    "consent/": "deciding",
    "services/decisions/": "deciding",
    "services/people/linking/": "likenesses",
    "services/people/": "persons",
    "services/platform/keys/": "sealing and hashes",
    "services/platform/bus/": "bus",
    "services/platform/": "statements",
    "services/profile/": "storing",
    "services/workers/": "batches",
}


def bench_where(settings: Settings, *, messages: int) -> dict[str, Any]:
    """Take so many through each part in this process.

    Gives the document of DESIGN.md section 15.
    """
    with bench_folder(settings) as (application, folder):
        files = _made(application, folder / "files", messages)
        leave_what_is_loaded()
        parts = _Parts(application, messages)
        parts.run(files)
    clock = clock_check()
    return {
        "name": "where",
        "conditions": {
            "messages": messages,
            "bus": settings.bus.split(":")[0],
            "cores": psutil.cpu_count(),
            "comparing": "of each person once, spread over their messages",
        },
        "figures": parts.figures,
        "baselines": {"a fixed calculation, CPU": figure(clock.cpu, "ms")},
        "ratios": {},
    }


def _made(application: Application, folder: Path, count: int) -> Path:
    folder.mkdir()
    born = {}
    for message in generate_messages(count, seed=_SEED):
        (folder / message.name).write_bytes(message.xml)
        born[message.nhs_number] = message.date_of_birth
    scheme = IdentifierScheme.NHS_NUMBER
    permit_sharing(application, [child_with(scheme, n, day) for n, day in born.items()])
    return folder


class _Parts:
    """Each part of the way in turn, with what it used."""

    def __init__(self, application: Application, messages: int) -> None:
        self._application, self._messages = application, messages
        self._database = cpu_of_trees({"": postmaster(application.settings.data)})
        self.figures: dict[str, Figure] = {}

    def run(self, files: Path) -> None:
        connectors = self._application.outside(DatabaseRole.CONNECTORS)
        with self._counted("reader"):
            for _ in ingest(Source.HEALTH_VISITING, files_below([files]), outside=connectors):
                pass
        outside = self._application.outside(DatabaseRole.RELAY)
        with closing(self._application.open_bus(DatabaseRole.RELAY)) as bus:
            make_topics(bus)
            with self._counted("relay"):
                _until_nothing(lambda: relay_batch(bus, outside))
        outside = self._application.outside(DatabaseRole.AGGREGATION)
        with (
            closing(self._application.open_bus(DatabaseRole.AGGREGATION)) as bus,
            closing(aggregator(bus, outside)) as consumer,
        ):
            while not consumer.consume(most=1, timeout=0.1):
                pass  # joining the group
            with self._counted("aggregation"):
                _until_nothing(lambda: consumer.consume(most=_BATCH, timeout=0.1))
        with self._counted("comparing"):
            _until_nothing(lambda: consider_links(connectors))

    @contextmanager
    def _counted(self, part: str) -> Iterator[None]:
        database, own = sum(self._database().values()), time.process_time()
        with _sampled() as seen:
            yield
        own = time.process_time() - own
        database = sum(self._database().values()) - database
        self._tell(part, own)
        self._tell(f"{part}: beside it postgresql", database)
        for layer, share in seen.most_common():
            self._tell(f"{part}: of it {layer}", own * share / seen.total())

    def _tell(self, name: str, seconds: float) -> None:
        self.figures[name] = figure(seconds / self._messages * 1e6, "µs a message")


def _until_nothing(step: Callable[[], int]) -> None:
    while step():
        pass


@contextmanager
def _sampled() -> Iterator[Counter[str]]:
    seen: Counter[str] = Counter()

    def look(_: int, frame: FrameType | None) -> None:
        seen[layer_of(frame)] += 1

    before = signal.signal(signal.SIGPROF, look)
    signal.setitimer(signal.ITIMER_PROF, _SAMPLE_SECONDS, _SAMPLE_SECONDS)
    try:
        yield seen
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, before)


def layer_of(frame: FrameType | None) -> str:
    """What a driver or the interpreter does is done for whoever of us called it.

    But the drivers' own work for statements is told apart.
    """
    is_statement = False
    while frame is not None:
        path = frame.f_code.co_filename
        is_statement = is_statement or "/sqlalchemy/" in path or "/psycopg/" in path
        if path.startswith(_ROOT):
            if is_statement:
                return "statements"
            own = path.removeprefix(_ROOT)
            return next((name for start, name in _LAYERS.items() if own.startswith(start)), "rest")
        frame = frame.f_back
    return "rest"
