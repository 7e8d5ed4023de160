"""So many damaged inputs, each judged, timed and weighed in a process that may not grow."""

import multiprocessing
import os
import re
import resource
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, Final

import psutil

from deploy.bench.mutating.damage import damaged
from deploy.bench.mutating.judging import judge
from deploy.bench.mutating.seeds import Format, seeds_of

_MIB: Final = 1024 * 1024
_KIB_A_MIB: Final = 1024
_HIGH_WATER: Final = re.compile(r"VmHWM:\s*([0-9]+) kB")
_HOPELESS_SECONDS: Final = 30.0
_POLL_SECONDS: Final = 0.2
_TOLD: Final = 50
_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Allowed:
    """How much one input may take: CPU, and memory of the process that reads it."""

    seconds: float = 2.0
    mib: float = 300.0


ALLOWED: Final = Allowed()


@dataclass(frozen=True, slots=True)
class Mutated:
    """Which inputs: of one format, from the seed's `first` on, so many."""

    form: Format
    seed: int
    first: int
    count: int

    def one(self, number: int) -> "Mutated":
        """The same for one input alone."""
        return Mutated(self.form, self.seed, number, 1)


@dataclass(frozen=True, slots=True)
class Finding:
    """An input that became what it may not, by its number; in `file` it can be looked at."""

    number: int
    what: str
    file: str | None


@dataclass(slots=True)
class Result:
    """What became of all inputs; `slowest` and `heaviest` are a measure and the input's number."""

    judged: int = 0
    cpu_seconds: float = 0.0
    slowest: tuple[float, int] = (0.0, -1)
    heaviest: tuple[float, int] = (0.0, -1)
    became: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    findings: list[Finding] = field(default_factory=list)

    def add(self, other: "Result") -> None:
        """Take in what another process found."""
        self.judged += other.judged
        self.cpu_seconds += other.cpu_seconds
        self.slowest = max(self.slowest, other.slowest)
        self.heaviest = max(self.heaviest, other.heaviest)
        self.became.update(other.became)
        self.faults.update(other.faults)
        self.findings += other.findings


def input_of(mutated: Mutated, number: int, seeds: Sequence[bytes]) -> bytes:
    """One input, the same whenever it is made."""
    return damaged(seeds, Random(f"{mutated.seed}/{mutated.form}/{number}"))


def judge_all(
    mutated: Mutated,
    folder: Path | None,
    tell: Callable[[int], object] = lambda _: None,
    *,
    allowed: Allowed = ALLOWED,
    bounded: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> Result:
    """Judge them in this process; inputs at fault are written to the folder, where there is one.

    Each is read within `bounded`, and made outside: what it takes to make is no connector's.
    """
    seeds, result = seeds_of(mutated.form), Result()
    for number in range(mutated.first, mutated.first + mutated.count):
        tell(number)
        data = input_of(mutated, number, seeds)
        _forget_most()
        began = time.process_time()
        with bounded():
            verdict = judge(mutated.form, data)
        took = time.process_time() - began
        most = _most_mib()
        result.judged += 1
        result.cpu_seconds += took
        result.slowest = max(result.slowest, (took, number))
        result.heaviest = max(result.heaviest, (most, number))
        result.became.update(verdict.became)
        fault = verdict.fault or _too_much(took, most, allowed)
        if fault is not None:
            result.faults[fault] += 1
            if result.faults[fault] <= _TOLD:
                file = _kept(folder, mutated, number, data)
                result.findings.append(Finding(number, fault, file))
    return result


def _too_much(seconds: float, mib: float, allowed: Allowed) -> str | None:
    if seconds > allowed.seconds:
        return "too slow"
    return "too much memory" if mib > allowed.mib else None


def _forget_most() -> None:
    """What this process once held counts no more (Linux, proc(5): clear_refs), where that goes."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _most_mib() -> float:
    """The most memory that this process has held since; elsewhere, that it ever held."""
    with suppress(OSError):
        status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
        found = _HIGH_WATER.search(status)
        if found is not None:
            return int(found[1]) / _KIB_A_MIB
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_A_MIB


def _kept(folder: Path | None, mutated: Mutated, number: int, data: bytes) -> str | None:
    if folder is None:
        return None
    path = folder / f"{mutated.form}-{mutated.seed}-{number}"
    path.write_bytes(data)
    return str(path)


# In a process of its own, which is ended when it does not come out of an input.


def judge_apart(
    mutated: Mutated,
    folder: Path,
    tell: Callable[[int], object] = lambda _: None,
    *,
    allowed: Allowed = ALLOWED,
) -> Result:
    """Judge them in processes that may take no more memory than is theirs."""
    result, first, end = Result(), mutated.first, mutated.first + mutated.count
    while first < end:
        part = Mutated(mutated.form, mutated.seed, first, end - first)
        found, stuck = _in_a_process(part, folder, tell, allowed)
        result.add(found)
        if stuck is None:
            break
        data = input_of(mutated, stuck, seeds_of(mutated.form))
        finding = Finding(stuck, "did not end", _kept(folder, mutated, stuck, data))
        result.add(Result(1, faults=Counter({finding.what: 1}), findings=[finding]))
        first = stuck + 1
    return result


def _in_a_process(
    mutated: Mutated, folder: Path, tell: Callable[[int], object], allowed: Allowed
) -> tuple[Result, int | None]:
    """What it found, and the input that it did not come out of; what was before that is lost."""
    here, there = _SPAWN.Pipe(duplex=False)
    at = _SPAWN.Value("q", mutated.first)
    process = _SPAWN.Process(target=_work, args=(mutated, folder, at, there, allowed), daemon=True)
    process.start()
    there.close()
    last, since = mutated.first, 0.0
    try:
        while not here.poll(_POLL_SECONDS):
            if at.value != last:
                last, since = at.value, _cpu_of(process.pid)
                tell(last - mutated.first)
            is_over = not process.is_alive() and not here.poll(0)
            if is_over or _cpu_of(process.pid) - since > _HOPELESS_SECONDS:
                return Result(), last
        found: Result = here.recv()
    except EOFError:
        return Result(), at.value
    else:
        return found, None
    finally:
        process.kill()
        process.join()


def _cpu_of(process: int | None) -> float:
    """What it has used: on a busy machine a minute may pass in which it comes to nothing."""
    with suppress(psutil.Error):
        times = psutil.Process(process).cpu_times()
        return float(times.user + times.system)
    return 0.0


def _work(mutated: Mutated, folder: Path, at: Any, there: Connection, allowed: Allowed) -> None:
    judge_all(mutated.one(mutated.first), None)  # load what is loaded late, before it is weighed
    now = psutil.Process(os.getpid()).memory_info().vms
    most = now + int(allowed.mib * _MIB)
    parent = os.getppid()

    def tell(number: int) -> None:
        at.value = number
        if os.getppid() != parent:  # nobody waits for it any more
            raise SystemExit

    bounded = partial(no_more_than, most)
    there.send(judge_all(mutated, folder, tell, allowed=allowed, bounded=bounded))
    there.close()


@contextmanager
def no_more_than(most: int) -> Iterator[None]:
    """Let this process have so many bytes of memory within the block, and more after it."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
