"""One database a module, and a family with a service to ask for each test."""

import pytest

from tests.integration.presence.conftest import running_together, standing_clock, world
from tests.support.people.connecting_world import ConnectingWorld
from tests.support.people.presence_world import PresenceWorld

__all__ = ["connecting", "running_together", "standing_clock", "world"]


@pytest.fixture
def connecting(world: PresenceWorld) -> ConnectingWorld:
    """Give the family that asks."""
    return ConnectingWorld.of(world)
