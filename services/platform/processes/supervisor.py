"""Runs several programs as one: starts them in order, restarts what dies, stops them together."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from services.platform.loops import go_on_unless_interrupted
from services.platform.processes.copied import Copy, start_copy
from services.platform.processes.die_with_parent import command_that_dies_with_us
from services.platform.processes.forked import ThreadsRunningError

_LOOK_EVERY = 0.05
_STANDARD_ERROR = 2
_SIGNALS_OF_IMPATIENCE = 2


class ChildEvent(StrEnum):
    """What the supervisor tells about a child."""

    STARTED = "child:started"
    DIED = "child:died"
    STOPPED = "child:stopped"
    KILLED = "child:killed"


@dataclass(frozen=True, slots=True)
class Child:
    """A program to run: its name in reports, its command, and what differs from our own world.

    Its output goes to standard error as it is, or to the end of `log_file`. It is expected to run
    until SIGTERM, and to end then. `copy` does what the program does, in a copy of this process,
    which has loaded it already: that is what is started, unless threads run here.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    log_file: Path | None = None
    copy: Callable[[], int] | None = None


@dataclass(frozen=True, slots=True)
class Patience:
    """How long the supervisor waits, in seconds.

    A child that died is started again after `first_wait`, and after twice as long each further
    time, up to `longest_wait`; once it has lived for `healthy_after` the count begins anew. On
    stopping, each child has `deadline` to end by itself.
    """

    first_wait: float = 0.2
    longest_wait: float = 30.0
    healthy_after: float = 30.0
    deadline: float = 10.0

    def wait_after(self, deaths: int) -> float:
        """Return how long to wait before the start that follows the `deaths`th early death."""
        return min(self.longest_wait, self.first_wait * 2.0 ** min(deaths - 1, 30))


Process = subprocess.Popen[bytes] | Copy
Report = Callable[[str, ChildEvent, int | None], None]


def report_nothing(_name: str, _event: ChildEvent, _exit_code: int | None) -> None:
    """Take a report and do nothing with it."""


def do_nothing() -> None:
    """Take a look and do nothing with it."""


class _Running:
    """One child and its present process, if it has one."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.process: Process | None = None
        self.started_at = 0.0
        self.start_again_at = 0.0
        self.deaths = 0

    def start(self) -> None:
        output = _open_output(self.child)
        try:
            self.process = self._started(output)
        finally:
            os.close(output)
        self.started_at = time.monotonic()

    def _started(self, output: int) -> Process:
        child = self.child
        if child.copy is not None:
            with suppress(ThreadsRunningError):
                return start_copy(
                    child.copy, argv=child.argv, environment=child.environment, output=output
                )
        return subprocess.Popen(  # noqa: S603 - the caller's own programs
            command_that_dies_with_us(child.argv),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **child.environment},
            # A group of its own: Ctrl-C reaches us alone, and we stop them in order.
            process_group=0,
        )

    def kill(self) -> None:
        """End the child and what it started, at once."""
        if self.process is not None:
            _signal_group(self.process, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Starts the children in the order given and stops them in reverse.

    `run` is for a main program. `start`, `look_after` and `stop` are its parts, for a caller with
    a loop of its own. All of them belong in the main thread, which must live as long as the
    children: on Linux they are killed with it, so that none is left behind even by kill -9.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        patience: Patience | None = None,
        report: Report = report_nothing,
    ) -> None:
        self._children = [_Running(child) for child in children]
        self._patience = patience or Patience()
        self._report = report
        self._signals = 0

    def run(self, *, at_each_look: Callable[[], None] = do_nothing) -> int:
        """Run until SIGINT or SIGTERM, stop everything, and return the exit code, 0.

        `at_each_look` is called after all have been started, and then again and again; it must not
        wait, nor leave a thread running. A second signal does not wait for the deadline. An
        exception on the way, from `at_each_look` too, stops everything. Raises KeyboardInterrupt,
        having started nothing, where one was not heard before (`loops`).
        """
        before = {
            number: signal.signal(number, self._hear) for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            go_on_unless_interrupted()  # from here on signals are counted
            self.start()
            while not self._signals:
                at_each_look()
                self.look_after()
                time.sleep(_LOOK_EVERY)
        finally:
            self.stop()
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0

    def start(self) -> None:
        """Start every child, in order. One that cannot be started counts as one that died."""
        for running in self._children:
            self._start(running)

    def look_after(self) -> None:
        """Start again whatever has died, when its time has come. Never blocks."""
        for running in self._children:
            if running.process is None:
                if time.monotonic() >= running.start_again_at:
                    self._start(running)
            elif running.process.poll() is not None:
                self._bury(running, running.process)

    def stop(self) -> None:
        """Stop every child, the last one first, each with its deadline. Twice is harmless."""
        for running in reversed(self._children):
            if running.process is not None:
                self._stop(running, running.process)
                running.process = None

    def process_ids(self) -> Mapping[str, int]:
        """Return the process id of every child that runs, by name."""
        return {
            running.child.name: running.process.pid
            for running in self._children
            if running.process is not None
        }

    def _hear(self, *_: object) -> None:
        self._signals += 1

    def _start(self, running: _Running) -> None:
        running.start()
        self._report(running.child.name, ChildEvent.STARTED, None)

    def _bury(self, running: _Running, process: Process) -> None:
        now = time.monotonic()
        lived_well = now - running.started_at >= self._patience.healthy_after
        running.deaths = 1 if lived_well else running.deaths + 1
        running.start_again_at = now + self._patience.wait_after(running.deaths)
        running.process = None
        _signal_group(process, signal.SIGTERM)  # whatever it had started itself
        self._report(running.child.name, ChildEvent.DIED, process.returncode)

    def _stop(self, running: _Running, process: Process) -> None:
        deadline = time.monotonic() + self._patience.deadline
        _signal_group(process, signal.SIGTERM)
        while process.poll() is None:
            if time.monotonic() > deadline or self._signals >= _SIGNALS_OF_IMPATIENCE:
                running.kill()
                self._report(running.child.name, ChildEvent.KILLED, process.returncode)
                return
            time.sleep(_LOOK_EVERY)
        self._report(running.child.name, ChildEvent.STOPPED, process.returncode)


def _open_output(child: Child) -> int:
    """Return a new descriptor for what the child writes."""
    if child.log_file is None:
        return os.dup(_STANDARD_ERROR)
    child.log_file.parent.mkdir(parents=True, exist_ok=True)
    return os.open(child.log_file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)


def _signal_group(process: Process, number: signal.Signals) -> None:
    try:
        os.killpg(process.pid, number)
    except (ProcessLookupError, PermissionError):  # gone; macOS says the second of a dead one
        return
