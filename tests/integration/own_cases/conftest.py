"""The main job on one database for all tests of a module, each about persons of its own."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from services.platform.clock import SystemClock
from services.platform.keys.files import FileKeyVault
from services.platform.keys.hashing import KeyedHasher
from services.platform.keys.vault import SecretName
from services.work import Outside
from tests.support.fakes.in_process import InProcess


@pytest.fixture(scope="module")
def one_database(shared_engine: Engine, vault: FileKeyVault) -> Iterator[InProcess]:
    """Give the main job on a database that is shared."""
    hasher = KeyedHasher(vault.secret(SecretName.LINKING))
    with InProcess.running(Outside(shared_engine, vault, hasher, SystemClock())) as found:
        yield found
