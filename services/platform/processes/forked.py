"""One forked worker, as the process that forked it and as the worker itself see it.

Between them is a pair of Unix sockets: connections go one way as descriptors, one byte each; a
word comes back once the worker can take some (`READY`), and one when it means to end (`LEAVING`).
Its end of file is the order to finish. How many connections the worker has closed stands in a page
of memory that both see, so that a closed one wakes nobody.
"""

import mmap
import os
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import NoReturn

import structlog

from services.platform.errors import ServiceError
from services.platform.logging import LogEvent
from services.platform.processes.die_with_parent import die_with

READY, LEAVING = b"r", b"l"
HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)
_FAILED = 1
_BYTES = 8


class ThreadsRunningError(ServiceError):
    """A process with threads was to be forked: a lock that one of them holds would stay locked."""


class Closings:
    """How many connections a worker has closed, in memory that two processes share."""

    def __init__(self) -> None:
        self._count = memoryview(mmap.mmap(-1, _BYTES)).cast("Q")

    @property
    def count(self) -> int:
        """So many by now. One writes it, in one store of an aligned word."""
        return int(self._count[0])

    def add(self) -> None:
        """One more; only ever said by the worker's one loop."""
        self._count[0] += 1


class WorkerEnd:
    """What a worker has of the process that forked it."""

    def __init__(self, control: socket.socket, closings: Closings) -> None:
        self.control = control
        self._closings = closings

    def say(self, word: bytes) -> None:
        """READY or LEAVING; nothing is said to a process that is gone or does not listen."""
        try:
            self.control.send(word)
        except OSError:
            return

    def closed(self) -> None:
        """A connection that was taken from `control` is closed."""
        self._closings.add()


Serve = Callable[[WorkerEnd], None]
"""What a worker does: take connections until `control` ends, and return when all are answered."""


class ForkedWorker:
    """A worker as the process that forked it knows it."""

    def __init__(self, pid: int, control: socket.socket, closings: Closings, since: float) -> None:
        self.pid = pid
        self.control = control
        self.since = since
        self.is_ready = False
        self.is_leaving = False
        self.kill_at: float | None = None
        self._closings = closings
        self._passed = 0

    @property
    def open(self) -> int:
        """How many connections it has, those on their way to it included."""
        return self._passed - self._closings.count

    def words(self) -> bytes:
        """What it has said since, when something is there to be read. Nothing: it is gone."""
        try:
            return self.control.recv(16)
        except OSError:
            return b""

    def passes(self, connection: socket.socket) -> bool:
        """Give it a connection, and close ours; False when it takes none at this moment."""
        try:
            socket.send_fds(self.control, [b"c"], [connection.fileno()])
        except OSError:  # it does not read (its buffer is full), or it is gone
            return False
        self._passed += 1
        connection.close()
        return True

    def leave(self, *, kill_at: float) -> None:
        """Let it finish what it has, until then."""
        if self.kill_at is None:
            self.kill_at = kill_at
        self.is_leaving = True
        try:
            self.control.shutdown(socket.SHUT_WR)
        except OSError:  # gone already
            return

    def kill(self) -> None:
        """End it at once; what is left of it is reaped like any other."""
        os.kill(self.pid, signal.SIGKILL)


def fork_worker(serve: Serve, *, now: float, let_go: Callable[[], None]) -> ForkedWorker:
    """Start a worker: a copy of this process that calls `serve` and ends.

    `let_go` closes, in the copy, what belongs to us alone. Raises ThreadsRunningError, and OSError
    when the machine has no room for one more.
    """
    require_no_threads()
    ours, theirs = socket.socketpair()
    closings, parent = Closings(), os.getpid()
    ours.setblocking(False)
    # A signal between the fork and the worker's own handlers would be heard as one to us: both
    # write to the same descriptor.
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    try:
        pid = os.fork()
        if pid == 0:
            ours.close()
            _be_worker(serve, WorkerEnd(theirs, closings), parent=parent, let_go=let_go)
    except OSError:
        ours.close()
        raise
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
        theirs.close()
    return ForkedWorker(pid, ours, closings, now)


def _be_worker(
    serve: Serve, end: WorkerEnd, *, parent: int, let_go: Callable[[], None]
) -> NoReturn:
    """Never returns: whatever is above us on the stack is the other process's to finish."""
    code = _FAILED
    try:
        if die_with(parent):
            _forget_signals(end)
            let_go()
            end.control.setblocking(False)
            serve(end)
            code = os.EX_OK
    except BaseException as error:  # noqa: BLE001  the outermost door of this process
        log_death(error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _forget_signals(end: WorkerEnd) -> None:
    """SIGTERM goes to the whole group: a worker ends when it is told, after all was passed."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: end.say(LEAVING))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)


def require_no_threads() -> None:
    """Raise ThreadsRunningError where a lock could be held that nobody in a copy lets go of."""
    tasks = Path("/proc/self/task")
    count = len(list(tasks.iterdir())) if tasks.exists() else threading.active_count()
    if count != 1:
        raise ThreadsRunningError(f"{count} threads run; workers are forked before there are any")


def log_death(error: BaseException) -> None:
    """Tell of what ends this process: file, line and function of each frame.

    No source line, no local, no message.
    """
    frames = traceback.extract_tb(error.__traceback__, limit=-8)
    structlog.get_logger().error(
        LogEvent.PROCESS_DIED,
        error=type(error).__qualname__,
        where=[f"{PurePath(f.filename).name}:{f.lineno} {f.name}" for f in frames],
    )
