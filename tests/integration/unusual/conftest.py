"""A database with an empty ledger, and the clock that its sweep goes by."""

from collections.abc import Iterator

import pytest

from services.work import Outside
from tests.support.audit.unusual_world import UnusualWorld
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess


@pytest.fixture
def world(outside: Outside, clock: StandingClock) -> Iterator[UnusualWorld]:
    """Give it, before anybody has looked."""
    with InProcess.running(outside) as running:
        yield UnusualWorld(running, clock.now())
