"""One child whom three people of two agencies work with."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.fixtures.fixtures_database import template_filled_by
from tests.support.people.protecting import Protecting


@pytest.fixture
def clock() -> StandingClock:
    """Give the one clock."""
    return StandingClock()


def _fill(outside: Outside) -> None:
    """Make the database to copy, in which they all are."""
    with InProcess.running(outside) as running:
        Protecting.known(running)


migrated_template = template_filled_by(_fill)


@pytest.fixture
def protecting(engine: Engine, vault: FileKeyVault, clock: StandingClock) -> Iterator[Protecting]:
    """Give the child, and everybody around it."""
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with InProcess.going_on(Outside(engine, vault, hasher, clock)) as running:
        yield Protecting.in_a_copy(running)
