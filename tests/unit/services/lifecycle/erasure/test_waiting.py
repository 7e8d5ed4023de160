"""Seven days are measured: no clock that is set makes them shorter."""

from datetime import datetime, timedelta

import pytest

from services.lifecycle.erasure.waiting import WAITS, Waited, begin_to_wait, measure
from services.platform.clock import BootTime, read_boot_time
from tests.support.builders import NOW

ORDER = "e5" * 16
DAY = timedelta(days=1)
NOTHING = timedelta(0)


class Kept:
    """Keeps services.lifecycle.erasure.waiting.ErasureWaits in memory."""

    def __init__(self) -> None:
        self.rows: list[Waited] = []

    def first_and_last(self, order: str) -> tuple[Waited, Waited] | None:
        rows = [row for row in self.rows if row.order == order]
        return (rows[0], rows[-1]) if rows else None

    def add(self, waited: Waited, *, by: str) -> None:
        del by
        self.rows.append(waited)


class World:
    """A machine that runs, and a clock that anybody may set."""

    def __init__(self) -> None:
        self.waits, self.at, self.boot = Kept(), NOW, BootTime("first", 1_000)
        begin_to_wait(ORDER, self.boot, at=self.at, by="operator:one", waits=self.waits)

    def run(self, time: timedelta) -> None:
        """Let time really pass."""
        self.at += time
        self.boot = BootTime(self.boot.boot, self.boot.ms + time // timedelta(milliseconds=1))

    def left(self, at: datetime | None = None) -> timedelta:
        return measure(ORDER, self.boot, at=at or self.at, by="job:erasure", waits=self.waits)


def test_it_is_due_after_seven_days_and_not_before():
    """However seldom somebody asks."""
    world = World()

    world.run(WAITS - DAY)
    before = world.left()
    world.run(DAY)

    assert before == DAY
    assert world.left() == NOTHING


def test_a_clock_that_is_set_forward_shortens_nothing():
    """What has not passed has not passed, whatever it says."""
    world = World()
    world.run(DAY)

    assert world.left(at=world.at + timedelta(days=400)) == WAITS - DAY


def test_a_clock_that_is_set_back_shortens_nothing():
    """Nor does one that was wrong when it was confirmed: it waits until both say so."""
    world = World()
    world.run(WAITS)

    assert world.left(at=NOW - timedelta(days=30)) == WAITS + timedelta(days=30)
    assert world.left() == NOTHING


@pytest.mark.parametrize("has_run_for", [NOTHING, timedelta(days=30)])
def test_what_nobody_measured_does_not_count(has_run_for: timedelta):
    """A machine that was started again, or another one that has run for long already."""
    world = World()
    world.run(2 * DAY)
    world.left()
    world.boot = BootTime("second", has_run_for // timedelta(milliseconds=1))
    world.at += 30 * DAY

    first = world.left()
    world.run(WAITS - 2 * DAY)

    assert first == WAITS - 2 * DAY
    assert world.left() == NOTHING


def test_two_machines_that_ask_in_turn_count_each_hour_once():
    """The first goes on measuring while the second is told what it has; neither begins anew."""
    world = World()
    for _ in range(24 * 7):
        world.run(timedelta(hours=1))
        world.left()
        first, world.boot = world.boot, BootTime("second", 10**10)
        asked_elsewhere = world.left()
        world.boot = first

    assert asked_elsewhere == NOTHING
    assert {row.last.boot for row in world.waits.rows} == {"first"}
    assert world.waits.rows[-1].ms == WAITS // timedelta(milliseconds=1)


def test_what_is_not_known_for_sure_never_comes_due():
    """A row that was changed is none."""
    world = World()
    world.waits.rows.clear()
    world.run(10 * DAY)

    assert world.left() == WAITS


def test_it_is_written_down_once_an_hour():
    """However often somebody asks."""
    world = World()
    for _ in range(120):
        world.run(timedelta(minutes=1))
        world.left()

    assert len(world.waits.rows) == 3
    assert world.waits.rows[-1].ms == 2 * 3_600_000


def test_the_machine_says_how_long_it_has_run():
    """The same start of it each time, and never less."""
    first, second = read_boot_time(), read_boot_time()

    assert first.boot == second.boot
    assert 0 < first.ms <= second.ms
