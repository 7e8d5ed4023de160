"""One load put on a server by the client, and what it cost whom."""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median

from deploy.bench.figures import Figure, figure
from deploy.bench.over_http.client import Plan
from deploy.bench.over_http.cpu import Clock, CpuSoFar, clock_check

CLIENT = "client"
_PROGRAM = (sys.executable, "-m", "deploy.bench.over_http.client")
_PERCENTILES = {"p50": 0.50, "p95": 0.95, "p99": 0.99}


class WrongAnswersError(RuntimeError):
    """Some answers were not those of whom was asked: nothing that was timed counts."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What came of one load: every right answer's milliseconds, and CPU seconds by process.

    `clock` is what a fixed calculation took just before it.
    """

    milliseconds: Sequence[float]
    seconds: float
    bytes: int
    cpu: Mapping[str, float]
    clock: Clock

    @property
    def rate(self) -> float:
        """Right answers a second."""
        return len(self.milliseconds) / self.seconds

    @property
    def cpu_of_serving(self) -> float:
        """CPU seconds of everything but the client."""
        return sum(used for name, used in self.cpu.items() if name != CLIENT)


def run_client(plan: Plan, cpu: CpuSoFar) -> Loaded:
    """Put the load on and wait until all is answered. Raises WrongAnswersError."""
    clock, before = clock_check(), cpu()
    ran = subprocess.run(  # noqa: S603 our own program
        _PROGRAM, input=json.dumps(asdict(plan)), stdout=subprocess.PIPE, text=True, check=True
    )
    after = cpu()
    found = json.loads(ran.stdout)
    if found["faults"]:
        raise WrongAnswersError(f"{found['faults']}, beside {len(found['milliseconds'])} right")
    if not found["milliseconds"]:
        raise WrongAnswersError("nothing was answered")
    used = {name: after[name] - before.get(name, 0.0) for name in after}
    return Loaded(
        found["milliseconds"],
        found["seconds"],
        found["bytes"],
        {**used, CLIENT: found["cpu"]},
        clock,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """By nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def figures_of(name: str, rounds: Sequence[Loaded]) -> dict[str, Figure]:
    """The median over rounds of everything, and the best rate, under the name of the load."""
    rates = [one.rate for one in rounds]
    found = {
        f"{name}: answers a second": figure(median(rates), "1/s"),
        f"{name}: answers a second, best": figure(max(rates), "1/s"),
    }
    for word, share in _PERCENTILES.items():
        times = [percentile(one.milliseconds, share) for one in rounds]
        found[f"{name}: {word}"] = figure(median(times), "ms")
    for process in sorted({process for one in rounds for process in one.cpu}):
        each = [one.cpu.get(process, 0.0) / len(one.milliseconds) * 1e3 for one in rounds]
        found[f"{name}: CPU of {process}"] = figure(median(each), "ms an answer")
    served = [one.cpu_of_serving / len(one.milliseconds) * 1e3 for one in rounds]
    found[f"{name}: CPU of all but the client"] = figure(median(served), "ms an answer")
    sizes = [one.bytes / len(one.milliseconds) for one in rounds]
    found[f"{name}: size"] = figure(median(sizes), "bytes an answer")
    found[f"{name}: clock check"] = figure(median(one.clock.wall for one in rounds), "ms")
    found[f"{name}: clock check, CPU"] = figure(median(one.clock.cpu for one in rounds), "ms")
    return found
