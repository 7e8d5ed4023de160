"""A portal with providers of sign-in, on a database of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.people.front_door import FrontDoor, a_front_door


@pytest.fixture
def door(outside: Outside, clock: StandingClock, tmp_path: Path) -> Iterator[FrontDoor]:
    """Give the portal."""
    with a_front_door(outside, clock, tmp_path) as found:
        yield found
