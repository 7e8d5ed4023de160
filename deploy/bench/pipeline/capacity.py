"""`bench capacity`: ten times the rate of a council, a region or England, and what each needs.

The machine that measures is small. So what is measured is a message's CPU, disk and time to
visible at ten times the rate of those who fit on it; for the others that rate is reckoned from the
CPU of a message, and said to be.
"""

from dataclasses import dataclass
from typing import Any

import psutil

from deploy.bench.figures import Figure, figure
from deploy.bench.pipeline.steady import Steady, pipeline
from deploy.bench.pipeline.visible import told_of
from services.platform.settings import Settings

EVENTS_A_CHILD = 25
"""A year: 300 million for 12 million children."""
_WORKING_SECONDS = 250 * 10 * 3600
_IN_WORKING_HOURS = 0.9
_PEAK = 3.0
_TIMES = 10
_FULLEST = 0.6
"""So much of a core is planned for; the rest is for what comes at once."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere with so many children."""

    name: str
    children: int

    @property
    def events_a_year(self) -> int:
        """Messages that its agencies send."""
        return self.children * EVENTS_A_CHILD

    @property
    def peak(self) -> float:
        """Messages a second in the busiest hour: three times the mean of working hours."""
        return self.events_a_year * _IN_WORKING_HOURS / _WORKING_SECONDS * _PEAK


PLACES = (
    Place("a council", 300_000),
    Place("a region", 2_000_000),
    Place("England", 12_000_000),
)


def bench_capacity(settings: Settings, *, messages: int) -> dict[str, Any]:
    """Send at ten times the peak of the largest place that fits here, then reckon for each.

    Gives the document of DESIGN.md section 15.
    """
    with pipeline(settings, messages=messages) as way:
        warm = messages // 10
        way.at_full_speed(warm)
        full = way.at_full_speed(messages // 2)
        fits = _largest_that_fits(full.rate)
        before = way.sizes()
        tenfold = way.at_rate(messages - warm - messages // 2, min(fits.peak * _TIMES, full.rate))
        after = way.sizes()
    count = messages - warm - messages // 2
    kept = (after["kept"] - before["kept"]) / count
    figures = {
        **told_of("at full speed", full),
        f"{fits.name}, ten times its peak: offered": figure(fits.peak * _TIMES, "1/s"),
        **told_of(f"{fits.name}, ten times its peak", tenfold),
        f"{fits.name}, ten times its peak: to visible, p99": figure(tenfold.p99, "ms"),
        f"{fits.name}, ten times its peak: cores used": figure(tenfold.cores, "cores"),
        "kept": figure(kept / 1e3, "kB a message"),
    }
    for place in PLACES:
        figures |= _reckoned(place, full, kept)
    return {
        "name": "capacity",
        "conditions": {
            "messages": messages,
            "bus": settings.bus.split(":")[0],
            "cores": psutil.cpu_count(),
            "events a child and year": EVENTS_A_CHILD,
        },
        "figures": figures,
        "baselines": {},
        "ratios": {},
    }


def _largest_that_fits(rate: float) -> Place:
    fitting = [place for place in PLACES if place.peak * _TIMES < rate]
    return fitting[-1] if fitting else PLACES[0]


def _reckoned(place: Place, full: Steady, kept: float) -> dict[str, Figure]:
    """From the CPU of a message and the bytes that it leaves; nothing of it was run."""
    cpu = sum(full.cpu.values()) / 1e6
    cores = place.peak * _TIMES * cpu / _FULLEST
    return {
        f"{place.name}: peak": figure(place.peak, "1/s"),
        f"{place.name}: cores for ten times its peak, reckoned": figure(cores, "cores"),
        f"{place.name}: disk a year, reckoned": figure(place.events_a_year * kept / 1e9, "GB"),
    }
