"""A family of each test's own, whose parents a school names, at the family's own door."""

import pytest

from tests.integration.presence.conftest import running_together, standing_clock, world
from tests.support.people.door_world import DoorWorld
from tests.support.people.presence_world import PresenceWorld

__all__ = ["door", "running_together", "standing_clock", "world"]


@pytest.fixture
def door(world: PresenceWorld) -> DoorWorld:
    """Give the same family as where somebody is with a worker, with parents whom a school names."""
    return DoorWorld.of(world)
