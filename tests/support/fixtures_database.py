"""A migrated database for each test: one is migrated a session, the others are copies of it."""

import itertools
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from services.platform.database.engine import open_engine
from services.platform.database.migrating import migrate
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.agreements import agree_from_the_beginning
from tests.support.builders import ALL_AGREED
from tests.support.clock import StandingClock
from tests.support.fixtures_postgres import create_database, drop_database

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def migrated_template(embedded_postgres_url: str) -> Iterator[str]:
    """Give the name of a database with every table, an agreement and nothing else, to copy."""
    name = f"migrated_{os.getpid()}"
    engine = open_engine(create_database(embedded_postgres_url, name))
    migrate(engine)
    agree_from_the_beginning(engine, ALL_AGREED)
    engine.dispose()
    yield name
    drop_database(embedded_postgres_url, name)


@pytest.fixture(scope="session")
def vault(tmp_path_factory: pytest.TempPathFactory) -> FileKeyVault:
    """Give a key vault in a file, one a session."""
    return FileKeyVault.open(tmp_path_factory.mktemp("keys") / "root.key")


@pytest.fixture
def clock() -> StandingClock:
    """Give a clock that stands still until it is told to go on."""
    return StandingClock()


@pytest.fixture
def database(embedded_postgres_url: str, migrated_template: str) -> Iterator[str]:
    """Give the URL of a migrated database of this test's own, empty but for an agreement."""
    name = f"database_{os.getpid()}_{next(_numbers)}"
    yield create_database(embedded_postgres_url, name, migrated_template)
    drop_database(embedded_postgres_url, name)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """Give an engine on this test's database, as its owner."""
    made = open_engine(database)
    yield made
    made.dispose()


@pytest.fixture(scope="module")
def shared_engine(embedded_postgres_url: str, migrated_template: str) -> Iterator[Engine]:
    """Give an engine on a database that a module's tests share: they look, or roll back."""
    name = f"shared_{os.getpid()}_{next(_numbers)}"
    made = open_engine(create_database(embedded_postgres_url, name, migrated_template))
    yield made
    made.dispose()
    drop_database(embedded_postgres_url, name)


@pytest.fixture
def outside(engine: Engine, vault: FileKeyVault, clock: StandingClock) -> Outside:
    """Give database, keys and clock, as the database's owner."""
    return Outside(engine, vault, KeyedHasher(vault.secret(SecretName.LINKING)), clock)
