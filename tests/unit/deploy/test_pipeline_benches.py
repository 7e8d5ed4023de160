"""What the benches of the pipeline reckon with, and whose work a sample of CPU counts as."""

import sys
from types import FrameType

import pytest

from deploy.bench.pipeline.capacity import PLACES
from deploy.bench.pipeline.scale import rate_between
from deploy.bench.pipeline.where import layer_of
from schemas.records.unused import as_part


@pytest.mark.parametrize(
    ("name", "events", "peak"),
    [("a council", 7_500_000, 2.25), ("a region", 50_000_000, 15.0), ("England", 3e8, 90.0)],
)
def test_a_place_has_a_busiest_hour(name: str, events: float, peak: float):
    """Three times the mean of working hours, in which nine of ten messages come."""
    (place,) = (place for place in PLACES if place.name == name)

    assert place.events_a_year == events
    assert place.peak == pytest.approx(peak)


def test_a_sample_counts_for_whoever_of_us_was_at_work():
    """What is not ours, and not a statement's, is done for whoever called it."""
    seen: list[str] = []

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.append(layer_of(frame))

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        as_part("Patient")
    finally:
        sys.setprofile(before)

    assert seen[0] == "records"


def test_the_rate_of_a_backlog_leaves_out_where_it_begins_and_ends():
    """Who joins late, or is done early, says nothing of how many are handled a second."""
    steady = [number / 100 for number in range(1000)]
    seen = [-60.0] * 50 + steady[50:950] + [90.0] * 50

    assert rate_between(seen) == pytest.approx(100)
