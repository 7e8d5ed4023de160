"""`bench visible`: from accepted to visible, at half of what the way can do."""

from typing import Any

import psutil

from deploy.bench.figures import Figure, figure
from deploy.bench.over_http.cpu import clock_check
from deploy.bench.pipeline.steady import Steady, pipeline
from services.platform.settings import Settings

_FULL = 0.4
_WARM = 0.1


def bench_visible(settings: Settings, *, messages: int) -> dict[str, Any]:
    """Send some at once, and the rest at half the rate that those were handled at.

    Gives the document of DESIGN.md section 15.
    """
    warm, full = int(messages * _WARM), int(messages * _FULL)
    with pipeline(settings, messages=messages) as way:
        way.at_full_speed(warm)
        most = way.at_full_speed(full)
        half = way.at_rate(messages - warm - full, most.rate / 2)
    clock = clock_check()
    return {
        "name": "visible",
        "conditions": {
            "messages": messages,
            "bus": settings.bus.split(":")[0],
            "cores": psutil.cpu_count(),
        },
        "figures": {
            **told_of("at full speed", most),
            **told_of("at half load", half),
            "at half load: to visible, p50": figure(half.p50, "ms"),
            "at half load: to visible, p99": figure(half.p99, "ms"),
            "at half load: to visible, longest": figure(half.longest, "ms"),
        },
        "baselines": {
            "a fixed calculation, by the wall": figure(clock.wall, "ms"),
            "a fixed calculation, CPU": figure(clock.cpu, "ms"),
        },
        "ratios": {},
    }


def told_of(name: str, seen: Steady) -> dict[str, Figure]:
    """The rate, and the CPU of a message by process."""
    return {
        f"{name}: messages": figure(seen.rate, "1/s"),
        f"{name}: CPU of all": figure(sum(seen.cpu.values()), "µs a message"),
        **{f"{name}: CPU of {who}": figure(of, "µs a message") for who, of in seen.cpu.items()},
    }
