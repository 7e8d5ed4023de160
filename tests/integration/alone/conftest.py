"""One family in one database, which every history begins from and leaves as it was."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.people.alone_world import AloneWorld
from tests.support.people.presence_world import presences_running


@pytest.fixture(scope="module")
def alone(shared_engine: Engine, vault: FileKeyVault) -> Iterator[AloneWorld]:
    """Give the family as it is before anybody acts."""
    clock, hasher = StandingClock(), KeyedHasher(vault.secret(SecretName.LINKING))
    with presences_running(Outside(shared_engine, vault, hasher, clock)) as running:
        yield AloneWorld.among(running, clock)
