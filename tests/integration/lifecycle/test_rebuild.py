"""The shared profile built anew is the one that was there, and mends one that was damaged."""

import os
from collections.abc import Iterator
from random import Random

import pytest

from services.work import Outside
from services.workers.rebuild import Origin
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.rebuilding import live_through, rebuilt, rows_of

pytestmark = pytest.mark.postgres

_HISTORIES = int(os.environ.get("TELL_ONCE_REBUILD_HISTORIES", "2"))


@pytest.fixture
def running(outside: Outside) -> Iterator[InProcess]:
    """Give a running system with nothing in it."""
    with InProcess.running(outside) as found:
        yield found


@pytest.mark.parametrize("seed", range(_HISTORIES))
def test_after_any_history_what_is_built_is_what_was_there(
    running: InProcess, clock: StandingClock, seed: int
):
    """Told, removed, cleared, withdrawn and agreed anew: identical from either origin."""
    live_through(running, clock, Random(seed), steps=40)
    before = rows_of(running)

    for origin in Origin:
        found = rebuilt(running, origin)

        assert found.compared.is_identical, found.compared.some
        assert rows_of(running) == before
    assert before[0]
