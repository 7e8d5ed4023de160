"""Parts that are copies of their supervisor: what they share with it, and what they must not."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from services.platform.durable_files import FileLock
from tests.support.checkout import ROOT
from tests.support.waiting import GENEROUS, eventually

_ARGV = ("/some/where/python", "-m", "services", "relay", "--port", "1234")
_BY_ITSELF = """import time; print('{"by": "itself"}', flush=True); time.sleep(600)"""
# It holds a lock and a random state, as the real one does, before anything is copied.
_PROGRAM = """
import json, os, random, secrets, sys, threading, time
from pathlib import Path
from services.platform.durable_files import FileLock
from services.platform.processes.supervisor import Child, Patience, Supervisor

folder, argv, what = Path(sys.argv[1]), tuple(json.loads(os.environ["ARGV"])), sys.argv[2]
loaded = {"by": os.getpid()}
lock = FileLock.open(folder / "lock")
lock.wait_exclusive()
random.seed(1)

def tell():
    told = {
        "pid": os.getpid(),
        "group": os.getpgid(0),
        "loaded": loaded["by"],
        "word": os.environ.get("WORD"),
        "random": [random.random(), secrets.token_hex(8)],
        "descriptors": sorted(
            os.readlink(f"/proc/self/fd/{n}") for n in os.listdir("/proc/self/fd") if int(n) > 2
            and os.path.exists(f"/proc/self/fd/{n}")
        ),
        "reads": sys.stdin.read(),
        "threads": threading.active_count(),
    }
    print(json.dumps(told), flush=True)
    if what == "fails":
        raise ValueError("the name of a child")
    time.sleep(600)
    return 0

if what == "threads":
    threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
children = [
    Child(name, argv, {"WORD": name}, folder / f"{name}.log", tell) for name in ("one", "two")
]
died = {}
supervisor = Supervisor(
    children,
    patience=Patience(first_wait=0.01, longest_wait=0.05, deadline=30),
    report=lambda name, event, code: died.setdefault(name, code) if code is not None else None,
)
def write():
    known = {"pids": dict(supervisor.process_ids()), "died": died}
    (folder / "draft").write_text(json.dumps(known))
    (folder / "draft").replace(folder / "known")
supervisor.run(at_each_look=write)
"""


@dataclass(frozen=True, slots=True)
class Supervising:
    """A program that supervises two copies of itself, `one` and `two`."""

    folder: Path
    process: "subprocess.Popen[bytes]"

    def told_by(self, name: str) -> list[dict[str, Any]]:
        """What the copies of that name have told, in their order; a line that is whole."""
        log = self.folder / f"{name}.log"
        lines = log.read_text().splitlines(keepends=True) if log.exists() else []
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def first_told_by(self, name: str) -> dict[str, Any]:
        """Wait for it."""
        assert eventually(lambda: bool(self.told_by(name)))
        return self.told_by(name)[0]

    def known(self) -> dict[str, Any]:
        """Say what the supervisor itself knows of them."""
        known: dict[str, Any] = json.loads((self.folder / "known").read_text())
        return known


@pytest.fixture
def what() -> str:
    """Say what the copies do once they have told of themselves."""
    return "waits"


@pytest.fixture
def argv() -> tuple[str, ...]:
    """Give the program that a copy stands for."""
    return _ARGV


@pytest.fixture
def supervising(tmp_path: Path, argv: tuple[str, ...], what: str) -> Iterator[Supervising]:
    """Run the program, and leave nothing of it behind."""
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path), what]
    environment = os.environ | {"ARGV": json.dumps(argv)}
    with subprocess.Popen(command, cwd=ROOT, env=environment) as process:
        yield Supervising(tmp_path, process)
        process.kill()


def test_a_copy_shares_what_is_loaded_and_nothing_that_is_held(supervising: Supervising) -> None:
    """Its own group, output, variables and random numbers; no input, lock, thread or descriptor."""
    one, two = supervising.first_told_by("one"), supervising.first_told_by("two")

    for told, name in ((one, "one"), (two, "two")):
        assert told["loaded"] == supervising.process.pid
        assert told["group"] == told["pid"]
        assert told["word"] == name
        assert told["descriptors"] == []
        assert told["reads"] == ""
        assert told["threads"] == 1
    assert one["pid"] != two["pid"]
    assert one["random"][0] != two["random"][0]
    assert one["random"][1] != two["random"][1]


def test_a_lock_of_the_supervisor_goes_with_it_alone(supervising: Supervising) -> None:
    """No copy keeps it, also not one that has not died yet."""
    supervising.first_told_by("two")
    (stopped,) = [pid for name, pid in supervising.known()["pids"].items() if name == "one"]
    os.kill(stopped, signal.SIGSTOP)

    with FileLock.open(supervising.folder / "lock") as lock:
        assert not lock.try_exclusive()
        supervising.process.kill()
        supervising.process.wait()
        assert lock.try_exclusive()


def test_lists_of_processes_show_the_program_that_a_copy_stands_for(
    supervising: Supervising,
) -> None:
    """As it would be shown had it been started."""
    shown = psutil.Process(supervising.first_told_by("one")["pid"]).cmdline()

    assert tuple(word for word in shown if word) == _ARGV


@pytest.mark.parametrize("argv", [("/a" * 3000 + "/python", *_ARGV[1:], "x" * 9000)])
def test_where_there_is_no_room_the_folder_and_the_end_are_not_shown(
    supervising: Supervising,
) -> None:
    """Never written beyond the words that the process was started with."""
    told = supervising.first_told_by("one")
    process = psutil.Process(told["pid"])
    environment = process.environ()

    assert process.cmdline()[:-1] == ["python", *_ARGV[1:]]
    assert environment == psutil.Process(supervising.process.pid).environ()


def test_a_copy_that_is_killed_is_replaced_and_its_neighbour_left_alone(
    supervising: Supervising,
) -> None:
    """Kill -9, as of a program; how it ended is told."""
    first, neighbour = supervising.first_told_by("one"), supervising.first_told_by("two")

    os.kill(first["pid"], signal.SIGKILL)

    assert eventually(lambda: len(supervising.told_by("one")) > 1)
    second = supervising.told_by("one")[1]
    assert second["loaded"] == supervising.process.pid
    assert second["random"] != first["random"]
    assert eventually(lambda: supervising.known()["died"] == {"one": -signal.SIGKILL})
    alive = {"one": second["pid"], "two": neighbour["pid"]}
    assert eventually(lambda: supervising.known()["pids"] == alive)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_copies_and_then_the_supervisor(
    supervising: Supervising, number: signal.Signals
) -> None:
    """SIGTERM to a copy ends it, as by itself: the supervisor's own handler is not theirs."""
    pids = [supervising.first_told_by(name)["pid"] for name in ("one", "two")]

    supervising.process.send_signal(number)

    assert supervising.process.wait(GENEROUS) == 0
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of a parent's death")
def test_no_copy_outlives_a_supervisor_that_is_killed(supervising: Supervising) -> None:
    """After kill -9 of the supervisor nothing of it runs on."""
    pids = [supervising.first_told_by(name)["pid"] for name in ("one", "two")]

    supervising.process.kill()
    supervising.process.wait()

    assert eventually(lambda: not any(_lives(pid) for pid in pids))


@pytest.mark.parametrize("what", ["fails"])
def test_what_ends_a_copy_is_told_by_its_type_and_place_alone(supervising: Supervising) -> None:
    """Never by its message, which may quote what it was given; the next one begins."""
    log = supervising.folder / "one.log"

    assert eventually(lambda: log.exists() and log.read_text().count("process_died") > 1)

    text = log.read_text()
    assert "ValueError" in text
    assert "the name of a child" not in text
    assert supervising.known()["died"]["one"] == 1


@pytest.mark.parametrize("what", ["threads"])
@pytest.mark.parametrize("argv", [(sys.executable, "-I", "-S", "-c", _BY_ITSELF)])
def test_where_threads_run_the_program_is_started(supervising: Supervising) -> None:
    """A lock that a thread holds at the fork would stay locked in the copy."""
    assert supervising.first_told_by("one") == {"by": "itself"}


def _lives(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
