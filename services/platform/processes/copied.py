"""A part of the service as a copy of the process that supervises it, not as a program anew.

To load what a part needs takes seconds of CPU, once for each part and again at each restart. A
copy finds it loaded, and shares the memory of it. Nothing else is shared: a copy has a process
group, signals and output of its own, and no descriptor of its parent's, so no lock either. What
was connected before the fork must not be; what runs in threads cannot be copied at all
(`forked.require_no_threads`).

Why so, and what was tried, stands in deploy/decisions/2026-11-30-parts-are-copies.md.
"""

import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from services.platform.loops import forget_interrupts
from services.platform.processes.die_with_parent import die_with
from services.platform.processes.forked import HEARD, log_death, require_no_threads

_FAILED = 1
_INPUT, _OUTPUT, _ERRORS = range(3)
_FIRST_OF_OURS = 3
# Where /proc/PID/stat says in which memory the command line is, counted after the name (proc(5)).
_LINE_STARTS, _LINE_ENDS = 45, 46


@dataclass(slots=True)
class Copy:
    """A copy that was started; asked as a `subprocess.Popen` is."""

    pid: int
    returncode: int | None = field(default=None)

    def poll(self) -> int | None:
        """Give its exit code if it has ended, and reap it; a signal's number is negative."""
        return self._reaped(os.WNOHANG)

    def wait(self) -> int | None:
        """Likewise, once it has ended."""
        return self._reaped(0)

    def _reaped(self, options: int) -> int | None:
        if self.returncode is None:
            pid, status = os.waitpid(self.pid, options)
            self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode


def start_copy(
    run: Callable[[], int], *, argv: Sequence[str], environment: Mapping[str, str], output: int
) -> Copy:
    """Start a copy of this process that does `run` and ends with the exit code that it gives.

    It dies with us, writes to the descriptor `output`, has these variables besides ours, and lists
    of processes show it as `argv`, the program that it stands for. Raises ThreadsRunningError, and
    OSError when the machine has no room for one more.
    """
    require_no_threads()
    sys.stdout.flush()
    sys.stderr.flush()
    parent = os.getpid()
    # A signal before the copy has its own handlers would be heard by ours.
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    try:
        pid = os.fork()
        if pid == 0:
            _be_copy(run, parent=parent, argv=argv, environment=environment, output=output)
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
    with suppress(OSError):  # as the copy does itself: whoever comes first
        os.setpgid(pid, pid)
    return Copy(pid)


def _be_copy(
    run: Callable[[], int],
    *,
    parent: int,
    argv: Sequence[str],
    environment: Mapping[str, str],
    output: int,
) -> NoReturn:
    """Never returns: whatever is above us on the stack is the other process's to finish."""
    code = _FAILED
    try:
        os.setpgid(0, 0)
        if die_with(parent):
            _take_descriptors(output)
            _forget_signals()
            os.environ.update(environment)
            show_as(argv)
            code = run()
    except BaseException as error:  # noqa: BLE001  the outermost door of this process
        log_death(error)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _take_descriptors(output: int) -> None:
    """Nothing to read, one place to write to, and no lock or connection of our parent's."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    for theirs, ours in ((nothing, _INPUT), (output, _OUTPUT), (output, _ERRORS)):
        os.dup2(theirs, ours)
    os.closerange(_FIRST_OF_OURS, os.sysconf("SC_OPEN_MAX"))


def _forget_signals() -> None:
    """As in a process that has just begun."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    forget_interrupts()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)


def show_as(argv: Sequence[str]) -> None:
    """Have lists of processes show these words as our command line, where this is Linux.

    They are written where the words stand that this process was started with, so there is no more
    room than those took: the program's folder is left out first, and what is at the end then.
    """
    if sys.platform != "linux":
        return
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    start, end = int(fields[_LINE_STARTS]), int(fields[_LINE_ENDS])
    room = end - start
    if start == 0 or room <= 1:  # the kernel does not tell
        return
    line = _as_line(argv)
    if len(line) > room:
        line = _as_line([Path(argv[0]).name, *argv[1:]])
    ctypes.memmove(start, line[: room - 1].ljust(room, b"\0"), room)


def _as_line(argv: Sequence[str]) -> bytes:
    return b"".join(os.fsencode(word) + b"\0" for word in argv)
