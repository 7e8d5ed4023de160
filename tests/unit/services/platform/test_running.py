"""Loops of long-running processes: what they try again, what ends them, how they stop."""

import gc
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from consent.errors import LedgerBrokenError
from services.platform.errors import BusUnavailable, ServiceUnavailableError
from services.platform.loops import Stopping, insist, run_until_stopped, sparing_what_is_loaded
from tests.support.checkout import ROOT
from tests.support.waiting import GENEROUS

_DEAF = """
import sys, time
from services.platform.loops import Stopping
stopping = Stopping(grace=0.1)
print("ready", flush=True)
while True:
    time.sleep(60)
"""
_SLOW_AT_ITS_END = """
import time
from services.platform.loops import Stopping
class Slow:
    def __del__(self, sleep=time.sleep):
        sleep(0.6)
slow, stopping = Slow(), Stopping(grace=0.3)
print("ready", flush=True)
stopping.wait(600)
"""


class StopsAfter(Stopping):
    """Says that it is time to stop after so many looks; never waits."""

    def __init__(self, looks: int) -> None:
        self._looks = looks
        self.waits: list[float] = []

    def is_asked(self) -> bool:
        self._looks -= 1
        return self._looks < 0

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)


class Log:
    """Remembers what was logged."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def warning(self, _: str, *, error: str) -> None:
        self.errors.append(error)


def _raising(*outcomes: Any) -> Any:
    """A step that gives or raises these one after the other, then 0."""
    left: Iterator[Any] = iter(outcomes)

    def step() -> int:
        outcome = next(left, 0)
        if isinstance(outcome, BaseException):
            raise outcome
        return int(outcome)

    return step


def test_a_failure_of_ours_is_tried_again_a_little_later_each_time() -> None:
    """The bus, the database or the ledger is away: told, waited for, and gone on."""
    stopping, log = StopsAfter(5), Log()
    step = _raising(BusUnavailable(), LedgerBrokenError(), ServiceUnavailableError(), 1, 0)

    run_until_stopped(step, stopping=stopping, idle_wait=0.0, log=log)

    assert log.errors == ["BusUnavailable", "LedgerBrokenError", "ServiceUnavailableError"]
    assert len(stopping.waits) == 3
    assert all(wait > 0 for wait in stopping.waits)


def test_any_other_failure_ends_the_loop() -> None:
    """What nobody expected is not repeated: the supervisor starts the process afresh."""
    with pytest.raises(ZeroDivisionError):
        run_until_stopped(
            _raising(ZeroDivisionError()), stopping=StopsAfter(9), idle_wait=0.0, log=Log()
        )


def test_nothing_but_failure_ends_the_loop_in_the_end() -> None:
    """Perhaps it is this process that is broken and not the bus."""
    stopping = StopsAfter(9)

    with pytest.raises(BusUnavailable):
        run_until_stopped(
            _raising(*[BusUnavailable() for _ in range(9)]),
            stopping=stopping,
            idle_wait=0.0,
            log=Log(),
            hopeless_after=0.0,
        )

    assert len(stopping.waits) == 1


def test_a_loop_waits_only_while_there_is_nothing_to_do() -> None:
    """After a step that moved something the next one comes at once."""
    stopping = StopsAfter(4)

    run_until_stopped(_raising(3, 0, 2, 0), stopping=stopping, idle_wait=0.5, log=Log())

    assert stopping.waits == [0.5, 0.5]


def test_what_is_insisted_on_outlives_a_database_or_bus_that_is_away() -> None:
    """It is done again until it succeeds."""
    step = _raising(ServiceUnavailableError(), BusUnavailable(), 7)

    assert insist(step, seconds=GENEROUS) == 7


def test_what_is_insisted_on_fails_when_the_time_is_over() -> None:
    """With the last error, so that the command can say it."""
    with pytest.raises(ServiceUnavailableError):
        insist(_raising(*[ServiceUnavailableError() for _ in range(9)]), seconds=0)


def test_a_process_that_cannot_stop_in_time_ends_all_the_same() -> None:
    """Its bus does not answer: what it was doing is undone by the database and comes again."""
    with subprocess.Popen(
        [sys.executable, "-c", _DEAF], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=GENEROUS) == 0


def test_a_process_that_has_stopped_in_time_may_be_slow_to_end() -> None:
    """On a busy machine an interpreter takes a while to go: that is no failure."""
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW_AT_ITS_END], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=GENEROUS) == 0


def test_what_a_command_spares_the_collector_it_lets_go_of_at_its_end() -> None:
    """And what was spared before it stays so: these tests are, each time, all of what is loaded."""
    gc.freeze()
    spared = gc.get_freeze_count()
    with sparing_what_is_loaded():
        pass
    still_spared = gc.get_freeze_count()

    gc.unfreeze()
    try:
        with sparing_what_is_loaded():
            spared_within = gc.get_freeze_count()
        let_go = gc.get_freeze_count()
    finally:
        gc.freeze()

    assert still_spared > spared / 2
    assert spared_within > spared / 2
    assert let_go == 0
