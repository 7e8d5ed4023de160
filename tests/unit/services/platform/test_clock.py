"""The machine's clock, also when somebody sets it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from services.platform.clock import SystemClock
from tests.support.builders import NOW

HOUR = timedelta(hours=1)


@dataclass(slots=True)
class _Machine:
    """A machine whose clock somebody sets while time passes."""

    shows: datetime = NOW
    ran: float = 0.0

    def wait(self, time: timedelta) -> None:
        self.shows += time
        self.ran += time.total_seconds()

    def clock(self) -> SystemClock:
        return SystemClock(lambda: self.shows, lambda: self.ran)


def test_it_tells_the_time_of_the_machine() -> None:
    """Also a time to which it was set forward: what ends by itself ends."""
    machine = _Machine()
    clock = machine.clock()

    machine.wait(HOUR)
    before = clock.now()
    machine.shows += HOUR

    assert (before, clock.now()) == (NOW + HOUR, NOW + 2 * HOUR)


def test_set_back_it_goes_on_from_where_it_was() -> None:
    """An hour later it is an hour later, whatever the machine says."""
    machine = _Machine()
    clock = machine.clock()
    machine.shows -= HOUR

    machine.wait(HOUR)
    in_between = clock.now()
    machine.wait(3 * HOUR)

    assert (in_between, clock.now()) == (NOW + HOUR, NOW + 4 * HOUR)


def test_what_was_opened_is_over_after_its_length_however_the_clock_is_set() -> None:
    """Opened, set back by 29 minutes after 29 minutes: it ends one minute later."""
    machine = _Machine()
    clock = machine.clock()
    ends = clock.now() + timedelta(minutes=30)
    machine.wait(timedelta(minutes=29))
    is_open = clock.now() < ends

    machine.shows -= timedelta(minutes=29)
    machine.wait(timedelta(minutes=1))

    assert is_open
    assert clock.now() >= ends


def test_without_being_told_it_asks_the_machine() -> None:
    """Aware, UTC."""
    assert SystemClock().now().tzinfo is UTC
