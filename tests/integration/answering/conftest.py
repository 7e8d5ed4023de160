"""One database a module, and a charity that is asked in each test."""

import pytest

from tests.integration.presence.conftest import running_together, standing_clock, world
from tests.support.people.answering_world import AnsweringWorld
from tests.support.people.connecting_world import ConnectingWorld
from tests.support.people.presence_world import PresenceWorld

__all__ = ["answering", "running_together", "standing_clock", "world"]


@pytest.fixture
def answering(world: PresenceWorld) -> AnsweringWorld:
    """Give the family that asks, and who answers."""
    return AnsweringWorld(ConnectingWorld.of(world))
