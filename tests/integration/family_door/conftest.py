"""One database a module, and a family of its own for each test."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.people.door_world import DoorWorld
from tests.support.people.presence_world import PresenceWorld, presences_running


@pytest.fixture(scope="module")
def standing_clock() -> StandingClock:
    """Give a clock that a module's tests share; each of them passes time by."""
    return StandingClock()


@pytest.fixture(scope="module")
def running_together(
    shared_engine: Engine, vault: FileKeyVault, standing_clock: StandingClock
) -> Iterator[InProcess]:
    """Give a place that a module's tests share."""
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with presences_running(Outside(shared_engine, vault, hasher, standing_clock)) as running:
        yield running


@pytest.fixture
def world(running_together: InProcess, standing_clock: StandingClock) -> PresenceWorld:
    """Give a family of this test's own."""
    return PresenceWorld.among(running_together, standing_clock)


@pytest.fixture
def door(world: PresenceWorld) -> DoorWorld:
    """Give the same family with parents whom a school names."""
    return DoorWorld.of(world)
