"""The supervisor: order, restarts, clean stops, and no process left behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from services.platform.processes.supervisor import Child, ChildEvent, Patience, Supervisor
from tests.support.checkout import ROOT
from tests.support.waiting import GENEROUS, eventually

PYTHON = (sys.executable, "-I", "-S", "-c")
_SLEEP = "import time; time.sleep(600)"
_STUBBORN = (
    "import signal, time, pathlib, sys; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
    "pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
)
_SOON = Patience(first_wait=0.01, longest_wait=0.05, deadline=GENEROUS)
_SUPERVISOR_PROGRAM = """
import sys
from services.platform.processes.supervisor import Child, Supervisor
python = (sys.executable, "-I", "-S", "-c")
supervisor = Supervisor([
    Child("one", (*python, "import time; time.sleep(600)")),
    Child("two", (*python, "import time; time.sleep(600)")),
])
told = []
def tell():
    if not told:
        told.append(print(*supervisor.process_ids().values(), flush=True))
supervisor.run(at_each_look=tell)
print("stopped", flush=True)
"""


class Reports:
    """Remembers what a supervisor tells."""

    def __init__(self) -> None:
        self.told: list[tuple[str, ChildEvent]] = []

    def __call__(self, name: str, event: ChildEvent, _exit_code: int | None) -> None:
        self.told.append((name, event))


def child(name: str, program: str, *arguments: str) -> Child:
    """Make a child that runs a line of Python."""
    return Child(name, (*PYTHON, program, *arguments))


def lives(pid: int) -> bool:
    """Say whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture
def supervise() -> Iterator[Callable[..., Supervisor]]:
    """Make supervisors whose children are stopped after the test."""
    made: list[Supervisor] = []

    def make(*children: Child, **options: object) -> Supervisor:
        made.append(Supervisor(children, **options))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


def test_children_start_in_order_and_stop_in_reverse(supervise: Callable[..., Supervisor]) -> None:
    """What is started first is there for the others until they have gone."""
    reports = Reports()
    supervisor = supervise(child("database", _SLEEP), child("portal", _SLEEP), report=reports)

    supervisor.start()
    pids = supervisor.process_ids().values()
    supervisor.stop()
    supervisor.stop()

    assert reports.told == [
        ("database", ChildEvent.STARTED),
        ("portal", ChildEvent.STARTED),
        ("portal", ChildEvent.STOPPED),
        ("database", ChildEvent.STOPPED),
    ]
    assert not any(lives(pid) for pid in pids)


def test_a_child_that_dies_is_started_again(supervise: Callable[..., Supervisor]) -> None:
    """Kill -9 of one child brings a new one, and leaves its neighbour alone."""
    supervisor = supervise(child("one", _SLEEP), child("two", _SLEEP), patience=_SOON)
    supervisor.start()
    before = dict(supervisor.process_ids())
    os.kill(before["one"], signal.SIGKILL)

    def is_back() -> bool:
        supervisor.look_after()
        return supervisor.process_ids().get("one", before["one"]) != before["one"]

    assert eventually(is_back)
    assert supervisor.process_ids()["two"] == before["two"]


def test_the_wait_before_a_restart_doubles_up_to_a_limit() -> None:
    """A child that keeps dying does not keep the machine busy."""
    patience = Patience(first_wait=0.5, longest_wait=3)

    waits = [patience.wait_after(deaths) for deaths in (1, 2, 3, 4, 5, 5000)]

    assert waits == [0.5, 1, 2, 3, 3, 3]


def test_a_program_that_does_not_exist_counts_as_one_that_died(
    supervise: Callable[..., Supervisor],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """A mistake in one command does not take the others down."""
    reports = Reports()
    supervisor = supervise(
        Child("mistyped", ("/no/such/program",)),
        child("fine", _SLEEP),
        patience=_SOON,
        report=reports,
    )
    supervisor.start()

    def has_died() -> bool:
        supervisor.look_after()
        return ("mistyped", ChildEvent.DIED) in reports.told

    assert eventually(has_died)
    assert "fine" in supervisor.process_ids()
    assert "cannot run /no/such/program" in capfd.readouterr().err


def test_a_child_that_does_not_end_in_time_is_killed(
    supervise: Callable[..., Supervisor],
    tmp_path: Path,
) -> None:
    """SIGTERM first, then the deadline, then SIGKILL."""
    reports = Reports()
    ready = tmp_path / "ready"
    supervisor = supervise(
        child("stubborn", _STUBBORN, str(ready)),
        patience=Patience(deadline=0.1),
        report=reports,
    )
    supervisor.start()
    pid = supervisor.process_ids()["stubborn"]
    assert eventually(ready.exists)

    supervisor.stop()

    assert reports.told[-1] == ("stubborn", ChildEvent.KILLED)
    assert not lives(pid)


def test_output_goes_to_standard_error_as_it_is(
    supervise: Callable[..., Supervisor],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Standard output stays free for the document of the command (DESIGN.md §15)."""
    supervisor = supervise(child("speaker", f"print('a line', flush=True); {_SLEEP}"))
    heard: list[str] = []

    def has_spoken() -> bool:
        captured = capfd.readouterr()
        assert captured.out == ""
        heard.append(captured.err)
        return "".join(heard) == "a line\n"

    supervisor.start()

    assert eventually(has_spoken)


def test_output_goes_to_the_end_of_a_file_if_one_is_named(
    supervise: Callable[..., Supervisor],
    tmp_path: Path,
) -> None:
    """A log survives the restart of the one who writes it."""
    log = tmp_path / "logs" / "speaker.log"
    argv = (*PYTHON, "import os; print(os.environ['WORD'])")
    supervisor = supervise(
        Child("speaker", argv, environment={"WORD": "again"}, log_file=log),
        patience=_SOON,
    )
    supervisor.start()

    def has_spoken_twice() -> bool:
        supervisor.look_after()
        return log.exists() and log.read_text().startswith("again\nagain\n")

    assert eventually(has_spoken_twice)


@pytest.fixture
def program() -> Iterator[subprocess.Popen[str]]:
    """Run a program of its own that supervises two children."""
    with subprocess.Popen(
        [sys.executable, "-c", _SUPERVISOR_PROGRAM],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.kill()


def children_of(program: subprocess.Popen[str]) -> list[int]:
    """Read the process ids that the program prints once it has started them."""
    assert program.stdout is not None
    return [int(word) for word in program.stdout.readline().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything_cleanly(
    program: subprocess.Popen[str],
    number: signal.Signals,
) -> None:
    """Ctrl-C and a service manager's stop end the children, then the program, with exit code 0."""
    pids = children_of(program)

    program.send_signal(number)
    rest, _ = program.communicate(timeout=GENEROUS)

    assert program.returncode == 0
    assert rest == "stopped\n"
    assert not any(lives(pid) for pid in pids)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_no_child_outlives_a_supervisor_that_is_killed(program: subprocess.Popen[str]) -> None:
    """After kill -9 of the supervisor nothing of it runs on."""
    pids = children_of(program)
    assert all(lives(pid) for pid in pids)

    program.kill()
    program.communicate()

    assert eventually(lambda: not any(lives(pid) for pid in pids))
