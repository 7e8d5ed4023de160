"""CPU by process, those that have ended included, and a check of the machine's own clock.

From /proc, because what ended is added to its parent there and nowhere else: a database backend
lives no longer than its connection.
"""

import os
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from services.platform.database.embedded.folder import PostgresFolder

CpuSoFar = Callable[[], Mapping[str, float]]
"""Gives CPU seconds so far by the name of a process."""

_TICK = os.sysconf("SC_CLK_TCK")
_PARENT, _USED, _USED_BY_ENDED = 1, slice(11, 13), slice(13, 15)
_PROGRAM = "services"
_CALCULATIONS, _TRIES = 300_000, 5


@dataclass(frozen=True, slots=True)
class _Process:
    """One process as /proc tells it, in seconds."""

    parent: int
    used: float
    by_ended: float


def cpu_of_installation(server: int, data: Path | None) -> CpuSoFar:
    """CPU of each program below the server that runs as `server`, and of the folder's database.

    A program's workers are added to it. The server's own supervisor is `supervisor`.
    """

    def so_far() -> Mapping[str, float]:
        processes = _processes()
        found = {"supervisor": processes[server].used}
        for child in _children(processes, server):
            name = _program(child)
            found[name] = found.get(name, 0.0) + _of_tree(processes, child)
        if data is not None:
            found["postgresql"] = _of_tree(processes, postmaster(data))
        return found

    return so_far


def cpu_of_trees(roots: Mapping[str, int]) -> CpuSoFar:
    """CPU of processes by name, each with all that it has started."""

    def so_far() -> Mapping[str, float]:
        processes = _processes()
        return {name: _of_tree(processes, root) for name, root in roots.items()}

    return so_far


def postmaster(data: Path) -> int:
    """The process id of the database server in a data folder."""
    text = (PostgresFolder.below(data).cluster / "postmaster.pid").read_text()
    return int(text.split("\n", 1)[0])


@dataclass(frozen=True, slots=True)
class Clock:
    """Milliseconds of a fixed calculation: by the wall, which others slow, and of CPU.

    A host that is shared slows down now and then, and shows it nowhere else than in the second.
    """

    wall: float
    cpu: float


def clock_check() -> Clock:
    """Do it five times; the best of each."""
    tries = [_calculate() for _ in range(_TRIES)]
    return Clock(min(one.wall for one in tries), min(one.cpu for one in tries))


def _calculate() -> Clock:
    began, used, total = time.perf_counter(), time.process_time(), 0
    for number in range(_CALCULATIONS):
        total += number * number % 7
    return Clock((time.perf_counter() - began) * 1e3, (time.process_time() - used) * 1e3)


def _processes() -> Mapping[int, _Process]:
    found = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):  # gone meanwhile
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                found[int(folder.name)] = _Process(
                    int(fields[_PARENT]),
                    sum(map(int, fields[_USED])) / _TICK,
                    sum(map(int, fields[_USED_BY_ENDED])) / _TICK,
                )
    return found


def _children(processes: Mapping[int, _Process], parent: int) -> list[int]:
    return [number for number, process in processes.items() if process.parent == parent]


def _of_tree(processes: Mapping[int, _Process], root: int) -> float:
    """Of a process, of all below it, and of those below that have ended and were waited for."""
    if root not in processes:
        return 0.0
    own = processes[root]
    below = sum(_of_tree(processes, child) for child in _children(processes, root))
    return own.used + own.by_ended + below


def _program(process: int) -> str:
    """The word by which a program of ours was started."""
    with suppress(OSError):
        words = Path(f"/proc/{process}/cmdline").read_bytes().decode(errors="replace").split("\0")
        if _PROGRAM in words[:-1]:
            return words[words.index(_PROGRAM) + 1]
    return "others"
