"""`bench idle`: the CPU of an installation that has nothing to do."""

import time
from typing import Any

import psutil

from deploy.bench.figures import figure, ratio
from deploy.bench.over_http.cpu import clock_check
from deploy.bench.over_http.serving import served
from deploy.bench.world import bench_folder
from services.platform.settings import Settings

_SETTLING_SECONDS = 20.0


def bench_idle(settings: Settings, *, seconds: float) -> dict[str, Any]:
    """Serve an empty data folder, let it settle, and count every process that belongs to it.

    Gives the document of DESIGN.md section 15.
    """
    with bench_folder(settings) as (application, _), served(application) as server:
        server.wait_until_quiet()
        time.sleep(_SETTLING_SECONDS)
        before, began = server.cpu(), time.monotonic()
        time.sleep(seconds)
        after, took = server.cpu(), time.monotonic() - began
    clock = clock_check()
    used = {name: (now - before.get(name, 0.0)) / took * 100 for name, now in after.items()}
    whole, asked = figure(sum(used.values()), "% of a core"), figure(1.0, "% of a core")
    return {
        "name": "idle",
        "conditions": {"seconds": seconds, "cores": psutil.cpu_count()},
        "figures": {
            "CPU at rest": whole,
            **{f"CPU at rest of {name}": figure(of, "% of a core") for name, of in used.items()},
        },
        "baselines": {
            "asked of us, at most": asked,
            "a fixed calculation, by the wall": figure(clock.wall, "ms"),
            "a fixed calculation, CPU": figure(clock.cpu, "ms"),
        },
        "ratios": {"against what is asked": ratio(whole, asked)},
    }
