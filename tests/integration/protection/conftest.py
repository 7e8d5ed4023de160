"""One child whom three people of two agencies work with."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.clock import StandingClock
from tests.support.fakes.in_process import InProcess
from tests.support.fixtures.fixtures_database import a_template
from tests.support.people.protecting import Protecting


@pytest.fixture
def clock() -> StandingClock:
    """Give the one clock."""
    return StandingClock()


@pytest.fixture(scope="session")
def migrated_template(
    migrated_template: str, embedded_postgres_url: str, keys_folder: Path
) -> Iterator[str]:
    """Give a database to copy in which they all are."""

    def fill(outside: Outside) -> None:
        with InProcess.running(outside) as running:
            Protecting.known(running)

    with a_template(embedded_postgres_url, migrated_template, keys_folder, fill) as name:
        yield name


@pytest.fixture
def protecting(engine: Engine, vault: FileKeyVault, clock: StandingClock) -> Iterator[Protecting]:
    """Give the child, and everybody around it."""
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with InProcess.going_on(Outside(engine, vault, hasher, clock)) as running:
        yield Protecting.in_a_copy(running)
