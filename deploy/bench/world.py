"""What benches of the pipeline share: a data folder of their own, decisions, processes."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from consent.decisions.recording import record_decision
from consent.lawfulness import Basis
from consent.model import Decider, DeciderKind, RecordDecision, Response
from schemas.records.message import Demographics, Subject
from schemas.vocabulary import Category, IdentifierScheme, Purpose, Source
from services.bootstrap import Application, DatabaseRole, opened
from services.cli.output import progress_bar
from services.people.persons.subjects import identifier_of
from services.platform.processes.serving_lock import ServingLock
from services.platform.processes.supervisor import Child, Supervisor
from services.platform.settings import Settings
from services.work import unit_of_work
from services.workers.draining import drain

_CHILDREN_AT_ONCE = 500
_STARTING_SECONDS = 5.0


@contextmanager
def bench_folder(settings: Settings) -> Iterator[tuple[Application, Path]]:
    """An application on an empty data folder, and a folder for files; removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="tell-once-bench-"))
    try:
        own = settings.model_copy(update={"data": folder / "data", "database": None})
        with opened(own) as application:
            yield application, folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def child_with(scheme: IdentifierScheme, number: str, born: str) -> Subject:
    """A child as a decision names it."""
    return Subject("child", (identifier_of(scheme, number),), Demographics(date_of_birth=born))


def permit_sharing(application: Application, children: Sequence[Subject]) -> None:
    """Record for each child a permission for everything, and work until nothing waits."""
    with progress_bar("Recording decisions", total=len(children)) as tell:
        for done in range(0, len(children), _CHILDREN_AT_ONCE):
            with unit_of_work(application.outside(DatabaseRole.PORTAL)) as work:
                for child in children[done : done + _CHILDREN_AT_ONCE]:
                    record_decision(_permit(child), deciding=work.operating())
            tell(min(done + _CHILDREN_AT_ONCE, len(children)))
    drain(application)


@contextmanager
def served(application: Application, programs: Sequence[str]) -> Iterator[Supervisor]:
    """These programs of ours run for as long as the block does."""
    lock = ServingLock(application.settings.data)
    lock.take()
    environment = {
        "TELL_ONCE_DATA": str(application.settings.data),
        "TELL_ONCE_BUS": application.settings.bus,
    }
    supervisor = Supervisor(
        [
            Child(f"{name}-{number}", (sys.executable, "-m", "services", name), environment)
            for number, name in enumerate(programs)
        ]
    )
    supervisor.start()
    time.sleep(_STARTING_SECONDS)  # let them import and join their group: it is not the work
    try:
        yield supervisor
    finally:
        supervisor.stop()
        lock.release()


def start_reader(application: Application, source: Source, path: Path) -> "subprocess.Popen[bytes]":
    """`tell-once ingest` as a process of its own."""
    return subprocess.Popen(  # noqa: S603 our own program
        [
            sys.executable,
            "-m",
            "services",
            "ingest",
            source.value,
            str(path),
            "--json",
            "--data",
            str(application.settings.data),
            "--bus",
            application.settings.bus,
        ],
        stdout=subprocess.DEVNULL,
    )


def _permit(child: Subject) -> RecordDecision:
    return RecordDecision(
        subjects=(child,),
        response=Response.GIVEN,
        categories=frozenset(Category),
        purposes=frozenset({Purpose.DIRECT_CARE, Purpose.EARLY_HELP}),
        basis=Basis.CONSENT,
        decided_by=Decider(DeciderKind.PARENT, "mother"),
        actor="job:bench",
    )
